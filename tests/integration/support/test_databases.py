from pathlib import Path

from sqlalchemy import inspect, text

import foundation.audit  # noqa: F401 - its tables are the sample
from foundation.database import Base, Database


def test_has_every_table(database: Database) -> None:
    tables = inspect(database.engine).get_table_names()

    assert "audit_entries" in tables
    assert set(tables) >= set(Base.metadata.tables)


def test_starts_without_what_another_test_made(database: Database) -> None:
    assert not inspect(database.engine).has_table("pebbles")
    with database.writing() as session:
        session.execute(text("CREATE TABLE pebbles (weight INTEGER)"))


def test_starts_again_without_it(database: Database) -> None:
    test_starts_without_what_another_test_made(database)


def test_speaks_to_the_kind_it_says(database: Database, database_kind: str) -> None:
    assert database.engine.dialect.name == database_kind


def test_blank_database_has_no_tables(blank_database_url: str) -> None:
    database = Database(blank_database_url)
    try:
        assert inspect(database.engine).get_table_names() == []
    finally:
        database.dispose()


def test_postgresql_listens_on_no_network_address(database: Database, database_kind: str) -> None:
    if database_kind == "sqlite":
        assert Path(database.engine.url.database or "").is_file()
        return
    with database.reading() as session:
        assert session.scalar(text("SHOW listen_addresses")) == ""
