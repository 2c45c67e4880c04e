import pytest

from tests.factories import UserFactory
from tests.own_dances import guide_of


@pytest.fixture
def people():
    return UserFactory.create_batch(12)


@pytest.fixture
def guide():
    return guide_of("EXO")
