"""Many certificates ended at once, on both databases (issue 3, part 7)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from cryptography import x509
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ca.epoch import read_epoch
from ca.journal.entry import JournalEntry
from ca.revocation import BulkRevocation, Revocation
from ca.serial_numbers import serial_number_of
from foundation.audit import AuditEntry, verify_chain
from foundation.errors import Invalid
from tests.support.revocation import SECURITY_OFFICER, RevocableCa


@dataclass
class HeardJournal:
    """A journal that remembers what it was told."""

    entries: list[JournalEntry] = field(default_factory=list)

    def append(self, session: Session, entry: JournalEntry) -> None:
        assert session.in_transaction()
        self.entries.append(entry)


def _revoke_all(
    revocable: RevocableCa, serial_numbers: Sequence[str], reason: str = "superseded"
) -> BulkRevocation:
    with revocable.database.writing() as session:
        return revocable.revocation.revoke_all(session, serial_numbers, reason, SECURITY_OFFICER)


def _epoch(revocable: RevocableCa) -> int:
    with revocable.database.reading() as session:
        return read_epoch(session)


def test_all_are_revoked_in_one_epoch(revocable: RevocableCa) -> None:
    numbers = [revocable.issue().serial_number for _ in range(5)]
    kept = revocable.issue().serial_number

    done = _revoke_all(revocable, numbers)

    assert [record.serial_number for record in done.revoked] == sorted(numbers)
    assert done.skipped == ()
    assert {(record.state, record.reason, record.epoch) for record in done.revoked} == {
        ("revoked", "superseded", 1)
    }
    assert _epoch(revocable) == 1
    assert all(revocable.listed(number) is not None for number in numbers)
    assert revocable.state_of(kept) == "good"
    assert revocable.listed(kept) is None


def test_what_cannot_be_revoked_is_skipped_with_its_reason(revocable: RevocableCa) -> None:
    good, held = (revocable.issue().serial_number for _ in range(2))
    gone = revocable.issue().serial_number
    reserved, _ = revocable.ca.prepare()
    abandoned, _ = revocable.ca.prepare()
    issuing = serial_number_of(revocable.ca.hierarchy.issuing.certificate.serial_number)
    revocable.hold(held)
    revocable.revoke(gone, "keyCompromise")
    revocable.revoke(abandoned)

    done = _revoke_all(
        revocable, [good, good, held, gone, reserved, abandoned, issuing, "4142", "x"]
    )

    assert {record.serial_number: record.state for record in done.revoked} == {
        good: "revoked",
        held: "revoked",
        reserved: "abandoned",
    }
    assert dict(done.skipped) == {
        gone: "certificate-already-revoked",
        abandoned: "certificate-state-conflict",
        issuing: "authority-not-revocable",
        "4142": "certificate-not-found",
        "x": "certificate-not-found",
    }
    entry = revocable.listed(gone)
    assert entry is not None, "an old revocation keeps its entry and its reason"
    reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason is x509.ReasonFlags.key_compromise


def test_many_can_be_held(revocable: RevocableCa) -> None:
    numbers = [revocable.issue().serial_number for _ in range(3)]
    revocable.hold(numbers[0])

    done = _revoke_all(revocable, numbers, "certificateHold")

    assert {record.state for record in done.revoked} == {"on_hold"}
    assert done.skipped == ((numbers[0], "certificate-state-conflict"),)
    for number in numbers:
        revocable.release(number)
        assert revocable.listed(number) is None


def test_nothing_to_do_is_nothing_done(revocable: RevocableCa) -> None:
    before = revocable.crl()
    assert _revoke_all(revocable, []) == BulkRevocation((), ())
    assert _revoke_all(revocable, ["4142"]).revoked == ()
    assert (_epoch(revocable), revocable.crl()) == (0, before)


@pytest.mark.parametrize("reason", ["", "removeFromCRL", "cACompromise"])
def test_other_reasons_are_refused(revocable: RevocableCa, reason: str) -> None:
    number = revocable.issue().serial_number
    with pytest.raises(Invalid):
        _revoke_all(revocable, [number], reason)
    assert revocable.state_of(number) == "good"


def test_an_invalidity_date_stands_in_every_entry(revocable: RevocableCa) -> None:
    numbers = [revocable.issue().serial_number for _ in range(2)]
    since = revocable.ca.clock.now() - timedelta(minutes=20)
    with revocable.database.writing() as session:
        revocable.revocation.revoke_all(
            session, numbers, "keyCompromise", SECURITY_OFFICER, invalidity_date=since
        )
    for number in numbers:
        entry = revocable.listed(number)
        assert entry is not None
        published = entry.extensions.get_extension_for_class(x509.InvalidityDate).value
        assert published.invalidity_date_utc == since.replace(microsecond=0)


def test_each_certificate_is_audited(revocable: RevocableCa) -> None:
    numbers = [revocable.issue().serial_number for _ in range(4)]
    _revoke_all(revocable, numbers)
    with revocable.database.reading() as session:
        audited = session.scalars(
            select(AuditEntry.subject)
            .where(AuditEntry.action == "certificate.revoked")
            .where(AuditEntry.actor == SECURITY_OFFICER.name)
        ).all()
        assert verify_chain(session) == session.scalar(select(func.count(AuditEntry.sequence)))
    assert audited == [f"certificate:{number}" for number in sorted(numbers)]


def test_the_journal_hears_of_every_act(revocable: RevocableCa) -> None:
    journal = HeardJournal()
    revocation = Revocation(
        crls=revocable.crls, audit=revocable.ca.audit, clock=revocable.ca.clock, journal=journal
    )
    one, two = sorted(revocable.issue().serial_number for _ in range(2))
    number, _ = revocable.ca.prepare()
    with revocable.database.writing() as session:
        revocation.hold(session, one, SECURITY_OFFICER)
        revocation.release(session, one, SECURITY_OFFICER)
        revocation.revoke(session, number, "superseded", SECURITY_OFFICER)
        done = revocation.revoke_all(session, [two, one], "keyCompromise", SECURITY_OFFICER)

    told = [(entry.epoch, entry.act, entry.serial_number) for entry in journal.entries]
    assert told == [
        (1, "held", one),
        (2, "released", one),
        (3, "abandoned", number),
        (4, "revoked", one),
        (4, "revoked", two),
    ]
    last = journal.entries[-1]
    assert (last.issuer, last.reason, last.crl_number) == (
        "issuing",
        "keyCompromise",
        done.revoked[-1].crl_number,
    )
    assert last.at == revocable.ca.clock.now()
    assert last.not_after is not None
