"""A database from the past, and what was revoked since (issue 3, part 7)."""

from pathlib import Path

import pytest
from cryptography.x509.ocsp import OCSPCertStatus
from sqlalchemy import func, select

from ca.crl.shards import DEFAULT_SHARDS
from ca.epoch import read_epoch
from ca.journal.unreconciled import (
    find_unreconciled,
)
from ca.records import find_record
from foundation.audit import AuditEntry, verify_chain
from foundation.errors import Unavailable
from tests.support.journaled import OPERATOR, CopyDatabase, JournaledCa, journaled_from


def test_what_was_revoked_since_is_revoked_again(
    journaled: JournaledCa, copy_database: CopyDatabase
) -> None:
    ca = journaled.revocable
    revoked, held, good = ca.issue(), ca.issue(), ca.issue()
    past = copy_database(journaled.database)
    done = ca.revoke(revoked.serial_number, "keyCompromise")
    ca.hold(good.serial_number)
    ca.release(good.serial_number)
    newest = ca.hold(held.serial_number)
    ca.ca.clock.advance(days=1)

    back = journaled.on(past)
    settled = back.settle()

    assert settled.standing == "known"
    assert (settled.reconciled.revoked, settled.reconciled.held) == (1, 1)
    assert back.refusal(revoked) == "certificate-revoked"
    assert back.refusal(held) == "certificate-revoked"
    back.revocable.verify(good.certificate)
    listed = back.revocable.listed(revoked.serial_number)
    assert listed is not None
    # The new list says what the forgotten one said.
    assert listed.revocation_date_utc == done.at.replace(microsecond=0)
    assert back.revocable.ask(held.serial_number).certificate_status is OCSPCertStatus.REVOKED
    with past.reading() as session:
        record = find_record(session, revoked.serial_number)
        assert record is not None
        assert (record.state, record.reason, record.revoked_at) == (
            "revoked", "keyCompromise", done.at,
        )  # fmt: skip
        verify_chain(session)
        assert read_epoch(session) > newest.epoch


def test_a_release_that_was_committed_is_done_again(
    journaled: JournaledCa, copy_database: CopyDatabase
) -> None:
    ca = journaled.revocable
    issued, other = ca.issue(), ca.issue()
    ca.hold(issued.serial_number)
    past = copy_database(journaled.database)
    ca.release(issued.serial_number)
    ca.hold(other.serial_number)

    back = journaled.on(past)
    assert back.settle().reconciled.released == 1
    back.revocable.verify(issued.certificate)


def test_a_release_that_nothing_proves_is_not_done_again(
    journaled: JournaledCa, copy_database: CopyDatabase
) -> None:
    ca = journaled.revocable
    issued = ca.issue()
    ca.hold(issued.serial_number)
    past = copy_database(journaled.database)
    ca.release(issued.serial_number)

    back = journaled.on(past)
    assert back.settle().reconciled.released == 0
    assert back.refusal(issued) == "certificate-revoked"


def test_a_certificate_that_is_lost_is_revoked_by_its_number(
    journaled: JournaledCa, copy_database: CopyDatabase
) -> None:
    ca = journaled.revocable
    past = copy_database(journaled.database)
    lost, held = ca.issue(), ca.issue()
    ca.revoke(lost.serial_number, "superseded")
    ca.hold(held.serial_number)

    back = journaled.on(past)
    settled = back.settle()

    assert settled.reconciled.lost == 2
    for issued, reason in ((lost, "superseded"), (held, "unspecified")):
        # Nobody here can tell it from a forgery any more.
        assert back.refusal(issued) == "certificate-untrusted"
        assert back.revocable.listed(issued.serial_number) is not None
        answer = back.revocable.ask(issued.serial_number)
        assert answer.certificate_status is OCSPCertStatus.REVOKED
        with past.reading() as session:
            record = find_record(session, issued.serial_number)
            assert record is not None
            assert (record.state, record.reason, record.der) == ("revoked", reason, None)
            assert record.not_after == issued.certificate.not_valid_after_utc
            assert record.crl_shard == int(issued.serial_number, 16) % DEFAULT_SHARDS


def test_a_slip_whose_certificate_was_revoked_since_cannot_be_picked_up_again(
    journaled: JournaledCa, copy_database: CopyDatabase
) -> None:
    """In the past it is only prepared; its certificate is in somebody's hands."""
    ca = journaled.revocable
    serial_number, _ = ca.ca.prepare()
    abandoned, _ = ca.ca.prepare()
    past = copy_database(journaled.database)
    ca.ca.issuance.complete(journaled.database, serial_number, OPERATOR)
    ca.revoke(serial_number)
    ca.revoke(abandoned)

    back = journaled.on(past)
    settled = back.settle()

    assert (settled.reconciled.revoked, settled.reconciled.abandoned) == (1, 1)
    assert back.revocable.state_of(serial_number) == "revoked"
    assert back.revocable.listed(serial_number) is not None
    assert back.revocable.state_of(abandoned) == "abandoned"


def test_until_it_is_done_the_certificates_are_refused(
    journaled: JournaledCa, copy_database: CopyDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signer does not answer, so no CRL can be made."""
    ca = journaled.revocable
    revoked, good = ca.issue(), ca.issue()
    past = copy_database(journaled.database)
    ca.revoke(revoked.serial_number)
    back = journaled.on(past)
    back.revocable.verify(revoked.certificate)  # remembered for this epoch

    def unavailable(*_: object) -> None:
        raise Unavailable("key-unavailable", key_name="issuing")

    with monkeypatch.context() as broken:
        broken.setattr(ca.crls, "publish_act", unavailable)
        back.settle()

    assert back.revocable.state_of(revoked.serial_number) == "good"
    assert back.refusal(revoked) == "certificate-revoked"
    back.revocable.verify(good.certificate)
    with past.reading() as session:
        assert find_unreconciled(session) == [revoked.serial_number]

    back.settle()

    assert back.revocable.state_of(revoked.serial_number) == "revoked"
    with past.reading() as session:
        assert find_unreconciled(session) == []


def test_a_database_from_before_the_journal_gets_all_of_it(
    journaled: JournaledCa, copy_database: CopyDatabase, tmp_path: Path
) -> None:
    ca = journaled.revocable
    early, late = ca.issue(), ca.issue()
    past = copy_database(journaled.database)
    ca.revoke(early.serial_number)
    later = journaled_from(ca, tmp_path / "later")
    with later.database.writing() as session:
        later.journal.begin(session)
    later.revocable.revoke(late.serial_number)

    back = later.on(past)
    assert back.settle().reconciled.revoked == 2
    assert back.refusal(early) == "certificate-revoked"
    assert back.refusal(late) == "certificate-revoked"


def test_settling_twice_changes_nothing_more(
    journaled: JournaledCa, copy_database: CopyDatabase
) -> None:
    issued = journaled.revocable.issue()
    past = copy_database(journaled.database)
    journaled.revocable.revoke(issued.serial_number)
    back = journaled.on(past)
    back.settle()
    with past.reading() as session:
        before = session.scalar(select(func.count()).select_from(AuditEntry))

    assert back.settle().reconciled.count == 0

    with past.reading() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == before


def test_the_same_past_can_come_back_twice(
    journaled: JournaledCa, copy_database: CopyDatabase
) -> None:
    first, second = journaled.revocable.issue(), journaled.revocable.issue()
    past, same_past = copy_database(journaled.database), copy_database(journaled.database)
    journaled.revocable.revoke(first.serial_number)
    once = journaled.on(past)
    once.settle()
    once.revocable.revoke(second.serial_number)

    twice = journaled.on(same_past)
    twice.settle()

    for issued in (first, second):
        assert twice.refusal(issued) == "certificate-revoked"
