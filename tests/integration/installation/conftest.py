"""Both edges of the one installation, and a unit that is inside."""

import pytest

from tests.support.guest import Doors, Guest, arrive
from tests.support.installation import Installation


@pytest.fixture(scope="session")
def doors(installation: Installation) -> tuple[Doors, Doors]:
    """The same installation through its first and its second edge."""
    return installation.doors()


@pytest.fixture
def unit(installation: Installation, doors: tuple[Doors, Doors]) -> Guest:
    """A unit that is inside, through the first edge."""
    return arrive(doors[0], installation.register_unit())
