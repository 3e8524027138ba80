"""How a test database gets its tables."""

import tempfile
from functools import cache
from pathlib import Path

from foundation.database import Base, Database
from foundation.database.schema import upgrade_schema

_SQLITE = "sqlite:///"


def create_schema(url: str) -> None:
    """Bring a database to the newest step of the history; a new SQLite file is a copy.

    Tables of models that have no step yet are added as the collected tests
    imported them; that the history is complete is a test of its own.
    """
    file = Path(url.removeprefix(_SQLITE))
    if url.startswith(_SQLITE) and not file.exists():
        file.write_bytes(_sqlite_with_schema())
    else:
        _make(url)


@cache
def _sqlite_with_schema() -> bytes:
    """Return the octets of a file that went through the history, once in a process."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "certgate.db"
        _make(f"{_SQLITE}{file}")
        return file.read_bytes()


def _make(url: str) -> None:
    database = Database(url)
    try:
        upgrade_schema(database)
        Base.metadata.create_all(database.engine)
    finally:
        database.dispose()
