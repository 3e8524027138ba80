"""Refused requests are on record, and no number of them fills the log (issue 3, part 10)."""

import asyncio
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from foundation.audit import Actor, AuditEntry, AuditLog, verify_chain
from foundation.database import Database
from foundation.errors import Conflict, Denied, Failure, Invalid, NotFound
from gateway.admission.refusals import RefusalRecord, is_recorded
from tests.support.clock import FakeClock
from tests.support.schema import create_schema

FORBIDDEN = Denied("not-allowed")


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """A database of one file; the counting is the same on any other."""
    url = f"sqlite:///{tmp_path / 'certgate.db'}"
    create_schema(url)
    return Database(url)


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still."""
    return FakeClock()


@pytest.fixture
def record(database: Database, clock: FakeClock) -> RefusalRecord:
    """The record of one process."""
    return RefusalRecord(database, AuditLog(clock), clock)


def visitor(number: int = 1) -> Actor:
    return Actor.anonymous(f"192.0.2.{number % 256}:{number}", f"request-{number}")


def refuse(record: RefusalRecord, failure: Failure, number: int = 1) -> None:
    record.note(failure, "portal", "POST", "/tasks", visitor(number))


def entries(database: Database) -> list[AuditEntry]:
    with database.reading() as session:
        verify_chain(session)
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)))


def test_a_refusal_says_who_where_and_why(database: Database, record: RefusalRecord) -> None:
    record.note(FORBIDDEN, "public", "GET", "/" + "x" * 500, Actor("li", "192.0.2.7", "request-1"))
    (entry,) = entries(database)
    assert (entry.action, entry.outcome) == ("request.refused", "refused")
    assert (entry.actor, entry.address, entry.request_id) == ("li", "192.0.2.7", "request-1")
    assert entry.subject == "address:192.0.2.7"
    facts = json.loads(entry.facts)
    assert (facts["reason"], facts["door"], facts["method"]) == ("not-allowed", "public", "GET")
    assert len(facts["path"]) == 200


def test_the_same_client_again_is_counted(
    database: Database, record: RefusalRecord, clock: FakeClock
) -> None:
    for _ in range(1_000):
        refuse(record, FORBIDDEN)
    assert len(entries(database)) == 1
    record.flush()
    assert len(entries(database)) == 1

    clock.advance(minutes=1)
    record.flush()

    first, counted = entries(database)
    assert "times" not in json.loads(first.facts)
    assert json.loads(counted.facts)["times"] == 999
    assert counted.subject == first.subject
    record.flush()
    assert len(entries(database)) == 2


def test_a_client_that_comes_back_before_the_count_is_written_brings_it_along(
    database: Database, record: RefusalRecord, clock: FakeClock
) -> None:
    for _ in range(5):
        refuse(record, FORBIDDEN)
    clock.advance(minutes=1)
    refuse(record, FORBIDDEN)
    _, second = entries(database)
    assert json.loads(second.facts)["times_before"] == 4


def test_other_reasons_and_other_clients_are_entries_of_their_own(
    database: Database, record: RefusalRecord
) -> None:
    refuse(record, FORBIDDEN, 1)
    refuse(record, FORBIDDEN, 2)
    refuse(record, Denied("cross-site-request"), 1)
    record.note_certificate(FORBIDDEN, "AB" * 32, "/", visitor(1))
    assert len(entries(database)) == 4


def test_a_flood_from_everywhere_writes_no_more_than_its_share(
    database: Database, record: RefusalRecord, clock: FakeClock
) -> None:
    for number in range(12_000):
        refuse(record, FORBIDDEN, number)
    written = len(entries(database))
    assert written == 120

    clock.advance(minutes=1)
    record.flush()

    after = entries(database)[written:]
    assert len(after) == 121
    assert sum(json.loads(entry.facts)["times"] for entry in after) == 12_000 - 120
    assert after[-1].subject == "address:several"


@pytest.mark.parametrize(
    "failure",
    [
        Denied("login-required"),
        Denied("certificate-required"),
        Denied("password-change-required"),
        Denied("credentials-wrong"),
        NotFound("task-not-found"),
        Conflict("task-changed"),
        Invalid("field-missing"),
    ],
)
def test_what_happens_every_day_is_not_recorded(
    database: Database, record: RefusalRecord, failure: Failure
) -> None:
    refuse(record, failure)
    assert entries(database) == []


@pytest.mark.parametrize(
    "failure",
    [
        Denied("certificate-untrusted"),
        Denied("certificate-mismatch"),
        Denied("certificate-revoked"),
        Denied("cross-site-request"),
        Denied("form-token-invalid"),
        Invalid("certificate-lint-refused"),
        Invalid("csr-signature-wrong"),
        Invalid("csr-key-weak"),
    ],
)
def test_what_looks_like_an_attack_is_recorded(failure: Failure) -> None:
    assert is_recorded(failure)


def test_a_log_that_cannot_be_written_does_not_change_the_answer(
    database: Database, record: RefusalRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(AuditLog, "record_all", fail)
    refuse(record, FORBIDDEN)
    monkeypatch.undo()
    assert entries(database) == []


def test_an_event_loop_does_not_wait_for_the_entry(
    database: Database, record: RefusalRecord
) -> None:
    async def from_a_layer() -> None:
        refuse(record, FORBIDDEN)
        await asyncio.get_running_loop().shutdown_default_executor()

    asyncio.run(from_a_layer())
    assert len(entries(database)) == 1
