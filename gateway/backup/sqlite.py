"""Consistent copies of SQLite files that others are writing."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL

from foundation.database import Database

_BUSY_SECONDS = 15


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, what stands in its ``-wal`` included.

    One read transaction: writers go on meanwhile, none is seen in part.
    """
    with (
        closing(sqlite3.connect(_existing(source), uri=True, timeout=_BUSY_SECONDS)) as present,
        closing(sqlite3.connect(target)) as copy,
    ):
        present.backup(copy)


def open_sqlite(file: Path) -> Database:
    """Return the database in `file`, whatever characters its path has."""
    return Database(URL.create("sqlite", database=str(file)).render_as_string(hide_password=False))


def remains_of(file: Path) -> list[Path]:
    """Return those files of a database that exist.

    A log left beside a database that is not its own would be played into it.
    """
    names = (file.name + suffix for suffix in ("", "-wal", "-shm", "-journal"))
    return [path for path in map(file.with_name, names) if path.exists()]


def _existing(file: Path) -> str:
    # mode=rw: opening never creates an empty database in a missing one's place.
    return f"{file.absolute().as_uri()}?mode=rw"
