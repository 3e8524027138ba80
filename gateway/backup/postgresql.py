"""``pg_dump`` and ``pg_restore``, told in the environment where to connect and as whom.

Command lines are open to everybody on the machine (proc(5)); passwords are not
written there.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg import pq
from psycopg.conninfo import make_conninfo
from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from foundation.database import Base, Database, take_time
from gateway.backup.errors import ProgramFailed, ProgramMissing

_VERSION_TABLE = "alembic_version"


@contextmanager
def exported_snapshot(database: Database) -> Iterator[tuple[Session, str]]:
    """Yield a session and the name under which `dump` sees exactly what it sees."""
    # PostgreSQL documentation, 9.28.5, snapshot synchronisation.
    engine = database.engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection, Session(connection) as session:
        # It is silent while pg_dump reads, and may not end before that does.
        take_time(session)
        yield session, session.scalars(text("SELECT pg_export_snapshot()")).one()


def dump(database: Database, snapshot: str, target: Path) -> None:
    """Write the database at `snapshot` to `target`; raises `ProgramMissing`, `ProgramFailed`."""
    _run(database, "pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={target}")


def load(database: Database, dumped: Path) -> None:
    """Fill the database, wholly or not at all; raises `ProgramMissing`, `ProgramFailed`.

    Everything then belongs to the user who connects.
    """
    # pg_restore only connects when a database is named.
    url = database.engine.url
    name = make_conninfo(dbname=url.database or url.username)
    _run(
        database,
        *("pg_restore", "--single-transaction", "--exit-on-error"),
        *("--no-owner", "--no-privileges", f"--dbname={name}", str(dumped)),
    )


def holds_installation(database: Database) -> bool:
    """Say whether any table of ours is there."""
    present = set(inspect(database.engine).get_table_names())
    return not present.isdisjoint({*Base.metadata.tables, _VERSION_TABLE})


def _run(database: Database, program: str, *arguments: str) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, no shell
            [program, "--no-password", *arguments],
            env={**os.environ, **_environment(database)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError as missing:
        raise ProgramMissing(program) from missing
    if done.returncode != 0:
        told = done.stderr.strip().splitlines()
        raise ProgramFailed(program, told[-1] if told else f"exit status {done.returncode}")


def _environment(database: Database) -> dict[str, str]:
    """Return libpq's variables for this database (PostgreSQL documentation, 34.15)."""
    variables = {option.keyword: option.envvar for option in pq.Conninfo.get_defaults()}
    environment = {"LC_MESSAGES": "C"}
    for name, value in _parameters(database).items():
        variable = variables.get(name.encode())
        if variable is not None:
            environment[variable.decode()] = str(value)
    return environment


def _parameters(database: Database) -> dict[str, object]:
    _, parameters = database.engine.dialect.create_connect_args(database.engine.url)
    return dict(parameters)
