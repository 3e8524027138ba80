"""The agency, on every database."""

import pytest

from foundation.database import Database
from tests.support.clock import FakeClock
from tests.support.workflow import NOON, Agency
from tests.support.workflow_portal import Portal


@pytest.fixture
def agency(database: Database) -> Agency:
    """An agency with two units, standing at NOON."""
    return Agency(database, FakeClock(NOON))


@pytest.fixture
def portal(agency: Agency) -> Portal:
    """The pages and JSON calls in front of the agency."""
    return Portal(agency)
