"""A fresh CA and counter for each test, on both databases."""

from pathlib import Path

import pytest

from foundation.database import Database
from tests.support.enrolling import Counter, open_counter


@pytest.fixture
def counter(database: Database, tmp_path: Path) -> Counter:
    """Enrollment with a real CA behind it."""
    return open_counter(database, tmp_path)
