"""A CA with a journal on each database, and copies of the database from the past."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from foundation.database import Database
from tests.support.journaled import CopyDatabase, JournaledCa, copier, make_journaled


@pytest.fixture
def journaled(database: Database, tmp_path: Path) -> JournaledCa:
    """A fresh CA with its journal."""
    return make_journaled(database, tmp_path)


@pytest.fixture
def copy_database(
    tmp_path: Path, postgresql_databases: Callable[[str], str]
) -> Iterator[CopyDatabase]:
    """A function that copies a database as it is now."""
    made: list[Database] = []
    copy = copier(tmp_path, postgresql_databases)

    def remembered(database: Database) -> Database:
        made.append(copy(database))
        return made[-1]

    yield remembered
    for each in made:
        each.dispose()
