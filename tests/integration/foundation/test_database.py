"""Transactions: what is kept, what is not, and who waits for whom."""

# ruff: noqa: PT012 - a transaction is one thing

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select, text, update
from sqlalchemy.exc import StatementError

from foundation.audit import AuditEntry
from foundation.database import (
    Database,
    UtcDateTime,
    after_commit,
    insert_or_conflict,
    one_row_or_conflict,
)
from foundation.errors import Conflict
from tests.support.clock import NEW_YEAR

PEBBLES = Table(
    "pebbles",
    MetaData(),
    Column("number", Integer, primary_key=True),
    Column("found_at", UtcDateTime()),
)


class Stumbled(Exception):
    """Raised in the middle of a transaction."""


@pytest.fixture
def pebbles(database: Database) -> Database:
    PEBBLES.create(database.engine)
    return database


def entry(sequence: int, entry_hash: str) -> AuditEntry:
    return AuditEntry(
        sequence=sequence,
        at=NEW_YEAR,
        actor="system",
        action="pebble.found",
        subject=f"pebble:{sequence}",
        outcome="done",
        facts="{}",
        previous_hash="0" * 64,
        entry_hash=entry_hash,
    )


def count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(PEBBLES)) or 0


def test_writing_commits_when_its_block_ends(pebbles: Database) -> None:
    with pebbles.writing() as session:
        session.execute(insert(PEBBLES).values(number=1))

    assert count(pebbles) == 1


@pytest.mark.parametrize("stumble", [Stumbled, KeyboardInterrupt])
def test_writing_rolls_back_whatever_ends_it_early(
    pebbles: Database, stumble: type[BaseException]
) -> None:
    with pytest.raises(stumble), pebbles.writing() as session:
        session.execute(insert(PEBBLES).values(number=1))
        raise stumble

    assert count(pebbles) == 0


def test_reading_persists_nothing(pebbles: Database) -> None:
    with pebbles.reading() as session:
        session.execute(insert(PEBBLES).values(number=1))
        session.add(entry(1, "a" * 64))
        session.flush()

    assert count(pebbles) == 0
    with pebbles.reading() as session:
        assert session.get(AuditEntry, 1) is None


def test_a_follow_up_runs_once_and_sees_what_was_committed(pebbles: Database) -> None:
    seen: list[int] = []
    with pebbles.writing() as session:
        session.execute(insert(PEBBLES).values(number=1))
        after_commit(session, lambda: seen.append(count(pebbles)))
        session.flush()
        assert seen == []

    assert seen == [1]
    with pebbles.writing() as session:
        session.execute(insert(PEBBLES).values(number=2))
    assert seen == [1]


def test_a_follow_up_does_not_run_after_a_rollback(pebbles: Database) -> None:
    ran: list[str] = []
    with pytest.raises(Stumbled), pebbles.writing() as session:
        after_commit(session, lambda: ran.append("after a rollback"))
        raise Stumbled

    assert ran == []


def test_a_follow_up_does_not_run_when_the_commit_itself_fails(pebbles: Database) -> None:
    ran: list[str] = []
    with pytest.raises(Conflict), pebbles.writing() as session:
        insert_or_conflict(session, entry(1, "a" * 64), Conflict("never"))
        after_commit(session, lambda: ran.append("after a failed commit"))
        insert_or_conflict(session, entry(2, "a" * 64), Conflict("hash-taken"))

    assert ran == []


def test_a_failing_follow_up_does_not_keep_the_others_from_running(pebbles: Database) -> None:
    ran: list[str] = []

    def stumble() -> None:
        raise Stumbled

    with pytest.raises(Stumbled), pebbles.writing() as session:
        session.execute(insert(PEBBLES).values(number=1))
        after_commit(session, lambda: ran.append("first"))
        after_commit(session, stumble)
        after_commit(session, lambda: ran.append("third"))

    assert ran == ["first", "third"]
    assert count(pebbles) == 1


def test_two_writers_queue_and_lose_nothing(pebbles: Database) -> None:
    """Read, then write: on SQLite a deferred transaction would fail here with "locked"."""
    with pebbles.writing() as session:
        session.execute(insert(PEBBLES).values(number=0))
    meet = threading.Barrier(2)

    def bump() -> None:
        meet.wait(timeout=30)
        for _ in range(20):
            with pebbles.writing() as session:
                found = session.scalar(select(PEBBLES.c.number).with_for_update())
                assert found is not None
                session.execute(update(PEBBLES).values(number=found + 1))

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(bump) for _ in range(2)]:
            done.result()

    with pebbles.reading() as session:
        assert session.scalar(select(PEBBLES.c.number)) == 40


def test_a_writer_does_not_wait_for_a_reader(pebbles: Database) -> None:
    with pebbles.reading() as reading:
        assert reading.scalar(select(func.count()).select_from(PEBBLES)) == 0
        with pebbles.writing() as session:
            session.execute(insert(PEBBLES).values(number=1))

    assert count(pebbles) == 1


def test_a_refused_insert_leaves_the_transaction_alive(database: Database) -> None:
    with database.writing() as session:
        insert_or_conflict(session, entry(1, "a" * 64), Conflict("never"))
        with pytest.raises(Conflict) as refused:
            insert_or_conflict(session, entry(2, "a" * 64), Conflict("hash-taken"))
        insert_or_conflict(session, entry(3, "b" * 64), Conflict("never"))

    assert refused.value.code == "hash-taken"
    with database.reading() as session:
        assert list(session.scalars(select(AuditEntry.sequence).order_by("sequence"))) == [1, 3]


def test_a_conditional_update_without_a_row_is_a_conflict(pebbles: Database) -> None:
    with pebbles.writing() as session:
        session.execute(insert(PEBBLES).values(number=1))
        change = update(PEBBLES).values(number=2).where(PEBBLES.c.number == 1)
        one_row_or_conflict(session.execute(change), "pebble-moved")
        with pytest.raises(Conflict) as refused:
            one_row_or_conflict(session.execute(change), "pebble-moved", state="gone")

    assert (refused.value.code, refused.value.params) == ("pebble-moved", {"state": "gone"})


MOMENTS = [
    datetime(2027, 1, 4, 9, 0, 0, 123456, tzinfo=UTC),
    datetime(2027, 1, 1, 7, 59, 59, tzinfo=timezone(timedelta(hours=8))),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
]


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_a_moment_comes_back_as_the_same_moment_in_utc(pebbles: Database, moment: datetime) -> None:
    with pebbles.writing() as session:
        session.execute(insert(PEBBLES).values(number=1, found_at=moment))

    with pebbles.reading() as session:
        kept = session.scalar(select(PEBBLES.c.found_at))
        found = session.scalar(select(PEBBLES.c.number).where(PEBBLES.c.found_at <= moment))
    assert kept == moment
    assert kept.tzinfo is UTC
    assert found == 1


def test_moments_are_ordered_as_time_is_not_as_written(pebbles: Database) -> None:
    earlier = datetime(2027, 1, 1, 7, tzinfo=timezone(timedelta(hours=8)))
    later = datetime(2027, 1, 1, 0, tzinfo=UTC)
    with pebbles.writing() as session:
        session.execute(
            insert(PEBBLES),
            [{"number": 1, "found_at": later}, {"number": 2, "found_at": earlier}],
        )

    with pebbles.reading() as session:
        assert list(session.scalars(select(PEBBLES.c.number).order_by("found_at"))) == [2, 1]


def test_a_datetime_without_a_zone_is_refused(pebbles: Database) -> None:
    naive = datetime(2027, 1, 1)  # noqa: DTZ001 - the point of the test
    with pytest.raises(StatementError, match="without a time zone"), pebbles.writing() as session:
        session.execute(insert(PEBBLES).values(number=1, found_at=naive))


def test_no_moment_is_kept_as_none(pebbles: Database) -> None:
    with pebbles.writing() as session:
        session.execute(insert(PEBBLES).values(number=1, found_at=None))

    with pebbles.reading() as session:
        assert session.scalar(select(PEBBLES.c.found_at)) is None


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_sqlite_survives_a_power_cut_and_keeps_foreign_keys(database: Database) -> None:
    with database.reading() as session:
        found = [
            session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint")
        ]

    assert found == ["wal", 2, 1, 4000]


def test_a_commit_that_does_not_wait_for_the_disk_leaves_the_next_one_durable(
    pebbles: Database,
) -> None:
    asked = text("PRAGMA synchronous" if pebbles.is_sqlite else "SHOW synchronous_commit")
    waits, does_not = (2, 1) if pebbles.is_sqlite else ("on", "off")
    if not pebbles.is_sqlite:
        # The tests' own server waits for no disk unless a connection says so.
        with pebbles.writing() as session:
            session.execute(text("SET synchronous_commit TO on"))
    for durable, expected in ((False, does_not), (True, waits), (False, does_not), (True, waits)):
        with pebbles.writing(durable=durable) as session:
            assert session.scalar(asked) == expected
            session.execute(insert(PEBBLES))
    assert count(pebbles) == 4


def test_a_question_is_answered_by_the_present(pebbles: Database) -> None:
    newest = select(PEBBLES.c.number, PEBBLES.c.found_at).where(PEBBLES.c.number == 1)
    assert pebbles.ask(newest, {}) is None
    with pebbles.writing() as session:
        session.execute(insert(PEBBLES).values(number=1, found_at=NEW_YEAR))
        assert pebbles.ask(newest, {}) is None, "nobody has committed it"
    answer = pebbles.ask(newest, {})
    assert answer is not None
    assert (answer.number, answer.found_at) == (1, NEW_YEAR)


def test_a_connection_that_was_asked_still_rolls_back(pebbles: Database) -> None:
    """What stands alone in one use of a pooled connection must not do so in the next."""
    assert pebbles.ask(select(PEBBLES.c.number), {}) is None
    with pebbles.reading(once=True) as session:
        assert session.scalars(select(PEBBLES.c.number)).all() == []
    with pytest.raises(Stumbled), pebbles.writing() as session:
        session.execute(insert(PEBBLES).values(number=1))
        raise Stumbled
    assert count(pebbles) == 0
