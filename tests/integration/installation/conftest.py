"""Both edges of the one installation, and whom its operator registers."""

from itertools import count

import pytest
from stdnum.cn import uscc

from tests.support.guest import Doors, Guest, arrive
from tests.support.installation import Installation

_numbers = count(1)


@pytest.fixture(scope="session")
def doors(installation: Installation) -> tuple[Doors, Doors]:
    """The same installation through its first and its second edge."""
    return installation.doors()


def unit_slip(installation: Installation) -> dict[str, str]:
    """Register a unit by the command; return the slip."""
    number = next(_numbers)
    stem = f"91420100MA4K{number:05}"
    slip: dict[str, str] = installation.json(
        *("unit", "add", "--name", f"武汉第{number}制造有限公司", "--district", "wuchang"),
        *("--credit-code", stem + uscc.calc_check_digit(stem)),
    )
    return slip


@pytest.fixture
def unit(installation: Installation, doors: tuple[Doors, Doors]) -> Guest:
    """A unit that is inside, through the first edge."""
    return arrive(doors[0], unit_slip(installation))
