"""Revocation, hold and release on both databases (AMB-05, SEC; RFC 5280 section 5.3.1)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.ocsp import OCSPCertStatus
from sqlalchemy import select

from ca.crl import CrlFault
from ca.crl.gate import number_of
from ca.errors import (
    AuthorityNotRevocable,
    CertificateAlreadyRevoked,
    CertificateNotFound,
    CertificateNotOnHold,
    CertificateStateConflict,
)
from ca.reasons import REASONS
from ca.records import get_record
from ca.revocation import RevocationRecord
from ca.serial_numbers import serial_number_of
from foundation.audit import AuditEntry
from foundation.errors import Conflict, Denied, Invalid
from tests.support.certification import OPERATOR
from tests.support.revocation import SECURITY_OFFICER, RevocableCa


def test_a_revocation_is_true_everywhere_at_once(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    revocable.verify(issued.certificate)
    done = revocable.revoke(issued.serial_number)

    at = revocable.ca.clock.now()
    assert (done.state, done.reason, done.at) == ("revoked", "keyCompromise", at)
    assert done.subscriber == "wh000123"
    entry = revocable.listed(issued.serial_number)
    assert entry is not None
    assert entry.revocation_date_utc == at.replace(microsecond=0)
    answer = revocable.ask(issued.serial_number)
    assert answer.certificate_status is OCSPCertStatus.REVOKED
    assert answer.revocation_time_utc == at.replace(microsecond=0)
    assert answer.revocation_reason is x509.ReasonFlags.key_compromise
    with pytest.raises(Denied) as refused:
        revocable.verify(issued.certificate)
    assert refused.value.code == "certificate-revoked"
    assert refused.value.params == {"reason": "keyCompromise"}


def test_a_hold_is_a_revocation_that_ends(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    held = revocable.hold(issued.serial_number)
    assert (held.state, held.reason) == ("on_hold", "certificateHold")
    answer = revocable.ask(issued.serial_number)
    assert answer.certificate_status is OCSPCertStatus.REVOKED
    assert answer.revocation_reason is x509.ReasonFlags.certificate_hold
    with pytest.raises(Denied) as refused:
        revocable.verify(issued.certificate)
    assert refused.value.params == {"reason": "certificateHold"}

    released = revocable.release(issued.serial_number)
    assert (released.state, released.reason) == ("good", None)
    # RFC 5280 section 5.3.1: removeFromCRL is for delta CRLs; a full one just omits it.
    assert revocable.listed(issued.serial_number) is None
    assert revocable.ask(issued.serial_number).certificate_status is OCSPCertStatus.GOOD
    assert revocable.verify(issued.certificate).serial_number == issued.serial_number


def test_a_held_certificate_can_be_revoked_for_good(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    revocable.hold(issued.serial_number)
    assert revocable.revoke(issued.serial_number, "superseded").state == "revoked"
    with pytest.raises(CertificateAlreadyRevoked):
        revocable.release(issued.serial_number)


@pytest.mark.parametrize("reason", [name for name in REASONS if name != "certificateHold"])
def test_every_reason_is_kept_by_its_name(revocable: RevocableCa, reason: str) -> None:
    issued = revocable.issue()
    revocable.revoke(issued.serial_number, reason)
    entry = revocable.listed(issued.serial_number)
    assert entry is not None
    if reason == "unspecified":
        # RFC 5280 section 5.3.1: SHOULD be absent instead.
        assert list(entry.extensions) == []
    else:
        (extension,) = entry.extensions
        assert isinstance(extension.value, x509.CRLReason)
        assert (extension.value.reason.value, extension.critical) == (reason, False)
    with revocable.database.reading() as session:
        assert get_record(session, issued.serial_number).reason == reason


def test_the_reason_hold_is_a_hold(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    assert revocable.revoke(issued.serial_number, "certificateHold").state == "on_hold"


@pytest.mark.parametrize("reason", ["", "removeFromCRL", "cACompromise", "lost", "KEYCOMPROMISE"])
def test_other_reasons_are_refused(revocable: RevocableCa, reason: str) -> None:
    issued = revocable.issue()
    with pytest.raises(Invalid) as refused:
        revocable.revoke(issued.serial_number, reason)
    assert refused.value.fields[0].field == "reason"
    assert revocable.state_of(issued.serial_number) == "good"


def test_an_invalidity_date_is_published(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    since = revocable.ca.clock.now() - timedelta(minutes=20)
    with revocable.database.writing() as session:
        revocable.revocation.revoke(
            session, issued.serial_number, "keyCompromise", SECURITY_OFFICER, since
        )
    entry = revocable.listed(issued.serial_number)
    assert entry is not None
    published = entry.extensions.get_extension_for_class(x509.InvalidityDate)
    assert published.value.invalidity_date_utc == since.replace(microsecond=0)
    assert not published.critical


def test_an_invalidity_date_in_the_future_is_refused(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    later = revocable.ca.clock.now() + timedelta(seconds=1)
    with revocable.database.writing() as session, pytest.raises(Invalid):
        revocable.revocation.revoke(
            session, issued.serial_number, "keyCompromise", SECURITY_OFFICER, later
        )


def test_nothing_is_revoked_twice(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    first = revocable.revoke(issued.serial_number)
    for again in (revocable.revoke, revocable.hold, revocable.release):
        with pytest.raises(CertificateAlreadyRevoked):
            again(issued.serial_number)
    assert revocable.listed(issued.serial_number) is not None
    assert number_of(revocable.shard_of(issued.serial_number)) == first.crl_number


def test_acts_that_do_not_fit_the_state_are_refused(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    with pytest.raises(CertificateNotOnHold):
        revocable.release(issued.serial_number)
    revocable.hold(issued.serial_number)
    with pytest.raises(CertificateStateConflict):
        revocable.hold(issued.serial_number)
    with pytest.raises(CertificateNotFound):
        revocable.revoke("4142")


def test_a_number_that_was_never_issued_is_abandoned(revocable: RevocableCa) -> None:
    serial_number, _ = revocable.ca.prepare()
    before = revocable.crl()
    done = revocable.revoke(serial_number)
    assert (done.state, done.reason) == ("abandoned", None)
    assert revocable.crl() == before
    assert revocable.ask(serial_number).certificate_status is OCSPCertStatus.UNKNOWN
    with pytest.raises(CertificateStateConflict):
        revocable.ca.issuance.complete(revocable.database, serial_number, OPERATOR)
    with pytest.raises(Conflict):
        revocable.revoke(serial_number)


def test_authorities_are_not_revoked_like_subscribers(revocable: RevocableCa) -> None:
    for authority in (revocable.ca.hierarchy.root, revocable.ca.hierarchy.issuing):
        with pytest.raises(AuthorityNotRevocable):
            revocable.revoke(serial_number_of(authority.certificate.serial_number))


def test_every_act_begins_an_epoch_and_a_higher_crl(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    acts = [
        revocable.hold(issued.serial_number),
        revocable.release(issued.serial_number),
        revocable.revoke(issued.serial_number),
    ]
    assert [act.epoch for act in acts] == [1, 2, 3]
    first = acts[0].crl_number
    assert [act.crl_number for act in acts] == [first, first + 1, first + 2]
    assert number_of(revocable.shard_of(issued.serial_number)) == first + 2


def test_every_act_is_audited(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    revocable.hold(issued.serial_number)
    revocable.release(issued.serial_number)
    revocable.revoke(issued.serial_number)
    with revocable.database.reading() as session:
        entries = session.scalars(
            select(AuditEntry)
            .where(AuditEntry.actor == SECURITY_OFFICER.name)
            .order_by(AuditEntry.sequence)
        ).all()
    subject = f"certificate:{issued.serial_number}"
    assert [entry.action for entry in entries if entry.subject == subject] == [
        "certificate.held",
        "certificate.released",
        "certificate.revoked",
    ]
    assert [entry.action for entry in entries].count("crl.published") == 3


def test_a_rolled_back_act_leaves_nothing(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    before = revocable.crl()

    with pytest.raises(_PulledPlugError):
        _revoke_and_fail(revocable, issued.serial_number)
    assert revocable.state_of(issued.serial_number) == "good"
    assert revocable.crl() == before
    assert revocable.verify(issued.certificate).serial_number == issued.serial_number


class _PulledPlugError(Exception):
    pass


def _revoke_and_fail(revocable: RevocableCa, serial_number: str) -> None:
    with revocable.database.writing() as session:
        revocable.revocation.revoke(session, serial_number, "keyCompromise", SECURITY_OFFICER)
        raise _PulledPlugError


def test_a_revocation_does_not_wait_for_its_crl(
    revocable: RevocableCa, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who breaks the publication keeps no certificate alive."""
    issued = revocable.issue()

    def refuse(*_: object) -> None:
        raise CrlFault("broken")

    with monkeypatch.context() as broken:
        broken.setattr("ca.crl.making.verify_new_crl", refuse)
        assert revocable.revoke(issued.serial_number).crl_number == 0
    assert revocable.state_of(issued.serial_number) == "revoked"
    answer = revocable.ask(issued.serial_number)
    assert answer.certificate_status is OCSPCertStatus.REVOKED
    with pytest.raises(Denied):
        revocable.verify(issued.certificate)
    assert revocable.listed(issued.serial_number) is None
    revocable.crls.refresh_due(revocable.database)
    assert revocable.listed(issued.serial_number) is not None


def test_of_many_revocations_at_once_one_wins(revocable: RevocableCa) -> None:
    issued = revocable.issue()

    def attempt(reason: str) -> RevocationRecord | None:
        try:
            return revocable.revoke(issued.serial_number, reason)
        except CertificateAlreadyRevoked:
            return None

    reasons = ["keyCompromise", "superseded", "cessationOfOperation", "privilegeWithdrawn"]
    with ThreadPoolExecutor(len(reasons)) as pool:
        done = [record for record in pool.map(attempt, reasons) if record is not None]
    (winner,) = done
    with revocable.database.reading() as session:
        assert get_record(session, issued.serial_number).reason == winner.reason


def test_revocations_of_different_certificates_at_once_all_count(revocable: RevocableCa) -> None:
    serial_numbers = [revocable.issue().serial_number for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(revocable.revoke, serial_numbers))
    assert sorted(record.epoch for record in done) == [1, 2, 3, 4, 5, 6]
    assert all(revocable.listed(serial_number) for serial_number in serial_numbers)


def test_revocation_and_pickup_at_once_end_in_one_truth(revocable: RevocableCa) -> None:
    serial_number, _ = revocable.ca.prepare()

    def complete() -> bool:
        try:
            revocable.ca.issuance.complete(revocable.database, serial_number, OPERATOR)
        except CertificateStateConflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        completed, revoked = pool.submit(complete), pool.submit(revocable.revoke, serial_number)
        was_completed, state = completed.result(), revoked.result().state
    assert revocable.state_of(serial_number) == state
    if state == "abandoned":
        assert not was_completed
    else:
        assert revocable.listed(serial_number) is not None
