"""The audit log stays whole, and says where it does not (design section 3, Seeing)."""

# ruff: noqa: S608, PT012 - the statements are an attacker's; a transaction is one thing

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from foundation.audit import (
    Actor,
    AuditDraft,
    AuditEntry,
    AuditLog,
    BrokenChain,
    verify_chain,
)
from foundation.audit.chain import document_of, hash_entry
from foundation.database import Database
from tests.support.audit_log import drop_triggers
from tests.support.clock import NEW_YEAR, FakeClock
from tests.support.schema import create_schema

LENGTH = 6

only_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize(
    "database_kind", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def log(database: Database) -> Database:
    """A database whose log has six entries."""
    clock = FakeClock()
    audit = AuditLog(clock)
    for number in range(1, LENGTH + 1):
        with database.writing() as session:
            audit.record(
                session,
                "slip.issued",
                by=Actor("operator", address="192.0.2.1", request_id=f"request-{number}"),
                subject=f"unit:wh00000{number}",
                serial_number=f"0{number}",
                insurance=["pension", "medical"],
            )
        clock.advance(minutes=1)
    return database


def tamper(database: Database, *statements: str) -> None:
    with database.writing() as session:
        drop_triggers(session)
        for statement in statements:
            session.execute(text(statement))


def first_bad(database: Database) -> tuple[int, str]:
    with database.reading() as session, pytest.raises(BrokenChain) as broken:
        verify_chain(session)
    assert str(broken.value) == f"audit entry {broken.value.sequence}: {broken.value.reason}"
    return broken.value.sequence, broken.value.reason


def test_an_untouched_log_verifies(log: Database) -> None:
    with log.reading() as session:
        assert verify_chain(session) == LENGTH


def test_an_empty_log_verifies(database: Database) -> None:
    with database.reading() as session:
        assert verify_chain(session) == 0


def test_an_entry_says_who_what_when_and_how_it_ended(log: Database) -> None:
    with log.writing() as session:
        AuditLog(FakeClock()).record(
            session, "login.refused", by=Actor.anonymous(None), subject="unit:x", outcome="refused"
        )
    with log.reading() as session:
        first, last = session.get_one(AuditEntry, 1), session.get_one(AuditEntry, LENGTH + 1)

    assert (first.at, first.actor, first.address) == (NEW_YEAR, "operator", "192.0.2.1")
    assert (first.action, first.subject, first.outcome) == ("slip.issued", "unit:wh000001", "done")
    assert first.facts == '{"insurance": ["pension", "medical"], "serial_number": "01"}'
    assert (last.actor, last.address, last.outcome) == ("anonymous", None, "refused")


def test_an_entry_falls_with_the_act_it_records(log: Database) -> None:
    with pytest.raises(ZeroDivisionError), log.writing() as session:
        AuditLog(FakeClock()).record(session, "slip.issued", by=Actor.system(), subject="unit:x")
        raise ZeroDivisionError

    with log.reading() as session:
        assert verify_chain(session) == LENGTH


CHANGES = [
    "at = '2026-12-31 23:59:59+00:00'",
    "actor = 'somebody'",
    "address = '192.0.2.99'",
    "address = NULL",
    "address = ''",
    "request_id = NULL",
    "action = 'slip.reissued'",
    "subject = 'unit:wh999999'",
    "outcome = 'refused'",
    "facts = '{}'",
    "facts = facts || ' '",
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_column_is_found_at_its_entry(log: Database, change: str) -> None:
    tamper(log, f"UPDATE audit_entries SET {change} WHERE sequence = 3")

    assert first_bad(log) == (3, "was changed")


@pytest.mark.parametrize("sequence", [1, LENGTH])
def test_a_changed_column_is_found_at_either_end(log: Database, sequence: int) -> None:
    tamper(log, f"UPDATE audit_entries SET actor = 'somebody' WHERE sequence = {sequence}")

    assert first_bad(log) == (sequence, "was changed")


@pytest.mark.parametrize("sequence", [1, 3, LENGTH])
def test_changed_hashes_are_found_at_their_entry(log: Database, sequence: int) -> None:
    digest = "f" * 64
    tamper(log, f"UPDATE audit_entries SET entry_hash = '{digest}' WHERE sequence = {sequence}")
    assert first_bad(log) == (sequence, "was changed")


@pytest.mark.parametrize("sequence", [1, 3, LENGTH])
def test_a_changed_binding_is_found_at_its_entry(log: Database, sequence: int) -> None:
    digest = "f" * 64
    tamper(log, f"UPDATE audit_entries SET previous_hash = '{digest}' WHERE sequence = {sequence}")
    assert first_bad(log) == (sequence, "does not follow the entry before it")


def test_a_changed_entry_with_a_fresh_hash_is_found_at_its_successor(log: Database) -> None:
    with log.writing() as session:
        drop_triggers(session)
        entry = session.get_one(AuditEntry, 3)
        entry.subject = "unit:wh999999"
        entry.entry_hash = hash_entry(entry)

    assert first_bad(log) == (4, "does not follow the entry before it")


@pytest.mark.parametrize("sequence", range(1, LENGTH))
def test_a_deleted_entry_is_missed(log: Database, sequence: int) -> None:
    tamper(log, f"DELETE FROM audit_entries WHERE sequence = {sequence}")
    assert first_bad(log) == (sequence, "missing")


def test_a_gap_closed_by_renumbering_is_found(log: Database) -> None:
    tamper(
        log,
        "DELETE FROM audit_entries WHERE sequence = 3",
        "UPDATE audit_entries SET sequence = sequence + 100 WHERE sequence > 3",
        "UPDATE audit_entries SET sequence = sequence - 101 WHERE sequence > 103",
    )
    assert first_bad(log) == (3, "does not follow the entry before it")


def test_two_entries_that_changed_places_are_found_at_the_first(log: Database) -> None:
    tamper(
        log,
        "UPDATE audit_entries SET sequence = 100 WHERE sequence = 2",
        "UPDATE audit_entries SET sequence = 2 WHERE sequence = 4",
        "UPDATE audit_entries SET sequence = 4 WHERE sequence = 100",
    )
    assert first_bad(log) == (2, "does not follow the entry before it")


def test_an_entry_put_in_between_is_found_after_it(log: Database) -> None:
    """The forger makes room and binds the new entry perfectly to the one before it."""
    with log.writing() as session:
        drop_triggers(session)
        for step in ("sequence + 100 WHERE sequence > 3", "sequence - 99 WHERE sequence > 100"):
            session.execute(text(f"UPDATE audit_entries SET sequence = {step}"))
        before = session.get_one(AuditEntry, 3)
        forged = AuditEntry(
            sequence=4,
            at=before.at + timedelta(seconds=1),
            actor="operator",
            action="slip.issued",
            subject="unit:forged",
            outcome="done",
            facts="{}",
            previous_hash=before.entry_hash,
        )
        forged.entry_hash = hash_entry(forged)
        session.add(forged)

    assert first_bad(log) == (5, "does not follow the entry before it")


@pytest.mark.parametrize("sequence", [0, -1])
def test_an_entry_put_before_the_first_is_found(log: Database, sequence: int) -> None:
    columns = "at, actor, action, subject, outcome, facts, previous_hash"
    tamper(
        log,
        f"INSERT INTO audit_entries (sequence, entry_hash, {columns}) "
        f"SELECT {sequence}, '{'e' * 64}', {columns} FROM audit_entries WHERE sequence = 1",
    )
    assert first_bad(log) == (sequence, "is before the first entry")


def test_an_entry_moved_to_the_end_is_missed(log: Database) -> None:
    tamper(log, "UPDATE audit_entries SET sequence = 100 WHERE sequence = 2")
    assert first_bad(log) == (2, "missing")


def test_of_several_bad_entries_the_first_is_named(log: Database) -> None:
    tamper(
        log,
        "DELETE FROM audit_entries WHERE sequence = 5",
        "UPDATE audit_entries SET actor = 'somebody' WHERE sequence IN (2, 4)",
    )
    assert first_bad(log) == (2, "was changed")


UNREADABLE = {
    "a time that is none": ("at = 'long ago'", "cannot be read"),
    "octets that are no text": ("facts = CAST(x'ff' AS TEXT)", "cannot be read"),
    "octets in place of a text": ("facts = x'ff'", "was changed"),
}


@only_sqlite
@pytest.mark.parametrize("sequence", [1, 3])
@pytest.mark.parametrize(("change", "reason"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_sqlite_keeps_and_no_entry_can_hold_is_found(
    log: Database, change: str, reason: str, sequence: int
) -> None:
    tamper(log, f"UPDATE audit_entries SET {change} WHERE sequence = {sequence}")
    assert first_bad(log) == (sequence, reason)


STATEMENTS = [
    "UPDATE audit_entries SET actor = 'somebody'",
    "UPDATE audit_entries SET actor = actor WHERE sequence = 1",
    "DELETE FROM audit_entries WHERE sequence = 2",
    "DELETE FROM audit_entries",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_database_refuses_changes(log: Database, statement: str) -> None:
    assert_refused(log, statement)


@only_postgresql
def test_postgresql_refuses_to_truncate(log: Database) -> None:
    assert_refused(log, "TRUNCATE audit_entries")


@only_sqlite
@pytest.mark.parametrize("column", ["sequence", "entry_hash"])
def test_sqlite_refuses_to_replace(log: Database, column: str) -> None:
    """REPLACE deletes the old row without firing the trigger of DELETE."""
    with log.reading() as session:
        taken = session.get_one(AuditEntry, 2).entry_hash
    sequence, digest = (2, "e" * 64) if column == "sequence" else (100, taken)
    columns = "at, actor, action, subject, outcome, facts, previous_hash"
    assert_refused(
        log,
        f"INSERT OR REPLACE INTO audit_entries (sequence, entry_hash, {columns}) "
        f"SELECT {sequence}, '{digest}', {columns} FROM audit_entries WHERE sequence = 1",
    )


def test_writers_at_the_same_time_make_one_chain(database: Database) -> None:
    meet = threading.Barrier(4)
    audit = AuditLog(FakeClock())

    def write(name: str) -> None:
        meet.wait(timeout=30)
        for number in range(15):
            with database.writing() as session:
                audit.record(session, "pebble.found", by=Actor(name), subject=f"pebble:{number}")

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(write, f"writer-{number}") for number in range(4)]:
            done.result()

    with database.reading() as session:
        assert verify_chain(session) == 60
        counts = session.execute(
            select(AuditEntry.actor, func.count()).group_by(AuditEntry.actor)
        ).all()
    assert {count for _, count in counts} == {15}


def test_verification_reads_beyond_one_batch(
    log: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foundation.audit.chain._BATCH", 2)
    with log.reading() as session:
        assert verify_chain(session) == LENGTH

    tamper(log, "UPDATE audit_entries SET actor = 'somebody' WHERE sequence = 5")
    assert first_bad(log) == (5, "was changed")


def assert_refused(database: Database, statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), database.writing() as session:
        session.execute(text(statement))
    with database.reading() as session:
        assert verify_chain(session) == LENGTH


def drafts(count: int) -> list[AuditDraft]:
    return [
        AuditDraft(
            "pebble.found",
            Actor("li", address="192.0.2.7", request_id="request-1"),
            f"pebble:{number}",
            "refused" if number % 2 else "done",
            {"weight": number, "colour": "灰"},
        )
        for number in range(count)
    ]


def test_many_entries_at_once_are_the_same_as_one_by_one(
    database: Database, tmp_path: Path
) -> None:
    audit = AuditLog(FakeClock())
    with database.writing() as session:
        audit.record(session, "pebble.lost", by=Actor.system(), subject="pebble:x")
        audit.record_all(session, drafts(5))
        audit.record(session, "pebble.lost", by=Actor.system(), subject="pebble:y")
    with database.reading() as session:
        assert verify_chain(session) == 7
        at_once = [document_of(entry) for entry in session.scalars(select(AuditEntry))]

    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    create_schema(other.url)
    with other.writing() as session:
        audit.record(session, "pebble.lost", by=Actor.system(), subject="pebble:x")
        for draft in drafts(5):
            audit.record(
                session,
                draft.action,
                by=draft.by,
                subject=draft.subject,
                outcome=draft.outcome,
                **draft.facts,
            )
        audit.record(session, "pebble.lost", by=Actor.system(), subject="pebble:y")
    with other.reading() as session:
        one_by_one = [document_of(entry) for entry in session.scalars(select(AuditEntry))]
    other.dispose()
    assert at_once == one_by_one


def test_no_entries_at_once_leave_the_log_as_it_is(log: Database) -> None:
    with log.writing() as session:
        AuditLog(FakeClock()).record_all(session, [])
    with log.reading() as session:
        assert verify_chain(session) == LENGTH


def test_many_entries_fall_with_the_act_they_record(log: Database) -> None:
    with pytest.raises(ZeroDivisionError), log.writing() as session:
        AuditLog(FakeClock()).record_all(session, drafts(3))
        raise ZeroDivisionError
    with log.reading() as session:
        assert verify_chain(session) == LENGTH
