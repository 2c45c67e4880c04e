"""What curators read when a pose model cannot be taken: for each stable code, what is wrong and what they can do."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_MESSAGES: dict[str, Promise] = {
    "name_taken": _("One of the site's own engines has this name. Choose another one."),
    "model_empty": _("The file is empty. The upload may have been interrupted: choose the model again."),
    "model_too_large": _("This file is larger than the site takes. Export the model anew, or choose a smaller one."),
    "model_known": _("This very file is here already, perhaps under another name."),
    "not_a_model": _(
        "This is no ONNX model that can be run. Choose the file ending in .onnx that the export wrote; all its weights "
        "must be in it."
    ),
    "bad_model_declaration": _(
        "The file does not say how it wants to be used. Export it with the training code, or add what is missing:"
    ),
    "other_skeleton": _(
        "This model finds other joints than a KDance skeleton has. Only models of these 29 joints, or of BlazePose's 33 "
        "landmarks, can be used here."
    ),
    "untrue_declaration": _("The model does not do what its file says of it, so its skeletons would be wrong:"),
    "model_died": _(
        "Trying the model out took too long or too much memory, so it was stopped. It cannot be used here."
    ),
}
_WITH_DETAIL = {"bad_model_declaration", "untrue_declaration"}


def refusal_message(code: str, detail: str) -> str:
    """The words for a refusal. `detail` was written for people who make models, and stays in English."""
    words = str(_MESSAGES[code])
    return f"{words} {detail}" if detail and code in _WITH_DETAIL else words
