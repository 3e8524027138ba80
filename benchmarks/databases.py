"""An empty database of each kind, for figures by how much is in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.postgresql import durable_postgresql
from foundation.database import Database
from tests.support.schema import create_schema


@contextmanager
def empty_database(folder: Path, name: str) -> Iterator[Database | None]:
    """Yield one with its tables, or None where PostgreSQL, if it is meant by `name`, is missing."""
    folder.mkdir()
    if name == "PostgreSQL":
        with durable_postgresql() as url:
            yield from _opened(url)
    else:
        yield from _opened(f"sqlite:///{folder / 'certgate.sqlite3'}")


def _opened(url: str | None) -> Iterator[Database | None]:
    if url is None:
        yield None
        return
    create_schema(url)
    database = Database(url)
    try:
        yield database
    finally:
        database.dispose()
