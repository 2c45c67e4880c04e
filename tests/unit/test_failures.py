import pytest
from django.utils import translation

from inference import failures
from inference.media import errors

CODES = [
    *(kind.code for kind in errors.MediaError.__subclasses__()),
    *("no_dancer", "only_upper_body", "slide_show", "too_little_in_view", "gave_up", "internal", "cancelled"),
]


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_text_of_its_own(code):
    with translation.override("en"):
        texts = [failures.failure_message(other) for other in CODES]
        assert texts.count(failures.failure_message(code)) == 1
        assert failures.failure_message(code).endswith(".")


def test_an_unknown_code_is_our_own_mistake():
    assert failures.failure_message("no_such_code") == failures.failure_message("internal")
