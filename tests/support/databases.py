"""Fixtures of storage: every test that takes one runs on SQLite and on PostgreSQL.

`database` is a fresh `Database` with all tables; `database_url` is the same
for code that opens it by itself; `blank_database_url` has no tables yet.
"""

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from foundation.database import Database
from tests.support.postgresql import Cluster, running_cluster
from tests.support.schema import create_schema

KINDS = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgres),
]
TEMPLATE = "with_schema"

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator[Cluster]:
    """A server of this test process alone; with xdist each worker has one."""
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgresql_template(postgresql_cluster: Cluster) -> str:
    """The name of a database that has all tables and is only ever copied."""
    create_schema(postgresql_cluster.create(TEMPLATE))
    return TEMPLATE


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that has all tables and is only ever copied."""
    file = tmp_path_factory.mktemp("schema") / "certgate.sqlite3"
    create_schema(f"sqlite:///{file}")
    return file


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgresql`; a test that takes it runs once on each."""
    return str(request.param)


@pytest.fixture
def postgresql_databases(
    request: pytest.FixtureRequest,
) -> Iterator[Callable[[str], str]]:
    """A function that makes databases from a template; they go with the test."""
    made: list[str] = []
    cluster: Cluster | None = None

    def create(template: str) -> str:
        nonlocal cluster
        cluster = request.getfixturevalue("postgresql_cluster")
        made.append(f"test_{next(_numbers)}")
        return cluster.create(made[-1], template)

    yield create
    for name in made:
        assert cluster is not None
        cluster.drop(name)


@pytest.fixture
def blank_database_url(
    database_kind: str, tmp_path: Path, postgresql_databases: Callable[[str], str]
) -> str:
    """The URL of an empty database."""
    if database_kind == "sqlite":
        return f"sqlite:///{tmp_path / 'blank.sqlite3'}"
    return postgresql_databases("template0")


@pytest.fixture
def database_url(
    request: pytest.FixtureRequest,
    database_kind: str,
    tmp_path: Path,
    postgresql_databases: Callable[[str], str],
) -> str:
    """The URL of a database with all tables and no rows."""
    if database_kind == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        return f"sqlite:///{shutil.copy(template, tmp_path / 'certgate.sqlite3')}"
    return postgresql_databases(request.getfixturevalue("postgresql_template"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with all tables and no rows."""
    database = Database(database_url)
    yield database
    database.dispose()
