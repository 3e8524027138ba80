"""A CA on each database."""

from pathlib import Path

import pytest

from foundation.database import Database
from tests.support.revocation import RevocableCa, make_revocable


@pytest.fixture
def revocable(database: Database, tmp_path: Path) -> RevocableCa:
    """A fresh CA with its first CRLs."""
    return make_revocable(database, tmp_path)
