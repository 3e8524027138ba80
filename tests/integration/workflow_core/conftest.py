"""The agency, on every database."""

import pytest

from foundation.database import Database
from tests.support.clock import FakeClock
from tests.support.workflow import NOON, Agency


@pytest.fixture
def agency(database: Database) -> Agency:
    """An agency with two units, standing at NOON."""
    return Agency(database, FakeClock(NOON))
