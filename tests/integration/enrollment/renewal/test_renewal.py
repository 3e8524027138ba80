"""A certificate is renewed without a slip, and the old one goes when the new one is used."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import select

from ca.models import CertificateRecord
from ca.serial_numbers import serial_number_of
from enrollment.events import CertificateSuperseded
from enrollment.models import Renewal
from enrollment.slips.issued_slip import IssuedSlip
from foundation.errors import Conflict, Denied, Failure
from tests.support.enrolling import OFFICER, VISITOR, Counter
from tests.support.renewing import (
    LIFETIME,
    WINDOW,
    enter_window,
    log_in_with,
    new_key,
    settle,
)


@pytest.fixture
def unit(counter: Counter) -> IssuedSlip:
    """A unit that has long used its certificate, thirty days before its end."""
    slip = settle(counter)
    enter_window(counter)
    return slip


def renew(counter: Counter, slip: IssuedSlip) -> str:
    """Renew with a key of the unit's own and return the new serial number."""
    renewed = counter.services.renewal.renewals.renew(
        slip.serial_number, new_key().public_key(), "request", VISITOR
    )
    return serial_number_of(renewed.certificate.serial_number)


def refusal(counter: Counter, slip: IssuedSlip) -> str:
    with pytest.raises(Failure) as refused:
        renew(counter, slip)
    return refused.value.code


def record(counter: Counter, serial_number: str) -> CertificateRecord:
    with counter.database.reading() as session:
        return session.scalars(
            select(CertificateRecord).where(CertificateRecord.serial_number == serial_number)
        ).one()


def end_reasons(counter: Counter) -> list[str | None]:
    with counter.database.reading() as session:
        return list(session.scalars(select(Renewal.end_reason).order_by(Renewal.id)))


def test_the_new_certificate_is_for_the_same_subscriber_and_a_full_lifetime(
    counter: Counter, unit: IssuedSlip
) -> None:
    key = new_key()
    renewed = counter.services.renewal.renewals.renew(
        unit.serial_number, key.public_key(), "est", VISITOR
    )
    old = x509.load_der_x509_certificate(record(counter, unit.serial_number).der or b"")
    new = renewed.certificate
    assert new.subject == old.subject
    assert new.public_key() == key.public_key()
    assert new.serial_number != old.serial_number
    remaining = new.not_valid_after_utc - counter.clock.now()
    assert LIFETIME - timedelta(hours=1) < remaining <= LIFETIME
    (issuing,) = renewed.chain
    assert issuing.subject == new.issuer


def test_the_window_opens_and_closes_to_the_second(counter: Counter) -> None:
    slip = settle(counter)
    not_after = record(counter, slip.serial_number).not_after
    assert not_after is not None
    counter.clock.set(not_after - WINDOW - timedelta(seconds=1))
    with pytest.raises(Conflict) as early:
        renew(counter, slip)
    assert early.value.code == "renewal-too-early"
    assert early.value.params == {"opens_on": (not_after - WINDOW).date().isoformat()}

    counter.clock.set(not_after + timedelta(seconds=1))
    assert refusal(counter, slip) == "renewal-too-late"

    counter.clock.set(not_after - WINDOW)
    assert renew(counter, slip)


def test_a_certificate_nobody_has_logged_in_with_cannot_be_renewed(counter: Counter) -> None:
    slip = counter.register()
    counter.services.pickup.redeem(slip.serial_number, slip.download_password, "modern", VISITOR)
    enter_window(counter)
    assert refusal(counter, slip) == "renewal-not-current"


def test_before_the_initial_password_is_replaced_nothing_is_renewed(counter: Counter) -> None:
    """LOGIN-03, AMB-02."""
    slip = counter.register()
    counter.services.pickup.redeem(slip.serial_number, slip.download_password, "modern", VISITOR)
    counter.log_in(slip)
    enter_window(counter)
    assert refusal(counter, slip) == "password-change-required"


def test_neither_the_suspended_nor_the_held_renew(counter: Counter, unit: IssuedSlip) -> None:
    with counter.database.writing() as session:
        counter.revocation.hold(session, unit.serial_number, OFFICER)
    assert refusal(counter, unit) == "certificate-revoked"
    with counter.database.writing() as session:
        counter.revocation.release(session, unit.serial_number, OFFICER)
        counter.services.standing.suspend(session, unit.username, OFFICER)
    assert refusal(counter, unit) == "account-suspended"


def test_nobody_renews_an_unknown_certificate(counter: Counter) -> None:
    with pytest.raises(Denied, match="renewal-not-current"):
        counter.services.renewal.renewals.renew("AB" * 20, new_key().public_key(), "est", VISITOR)


def test_the_same_key_again_yields_the_same_certificate_and_another_is_refused(
    counter: Counter, unit: IssuedSlip
) -> None:
    renewals, key = counter.services.renewal.renewals, new_key().public_key()
    first = renewals.renew(unit.serial_number, key, "est", VISITOR).certificate
    again = renewals.renew(unit.serial_number, key, "est", VISITOR).certificate
    assert first.fingerprint(SHA256()) == again.fingerprint(SHA256())
    assert refusal(counter, unit) == "renewal-pending"


def test_both_log_in_until_the_new_one_is_used(counter: Counter, unit: IssuedSlip) -> None:
    new = renew(counter, unit)
    log_in_with(counter, unit.username, unit.serial_number)
    assert counter.certificate_state(unit.serial_number) == "good"

    log_in_with(counter, unit.username, new)

    old = record(counter, unit.serial_number)
    assert (old.state, old.reason) == ("revoked", "superseded")
    assert counter.certificate_state(new) == "good"
    superseded = [each for each in counter.heard.events if isinstance(each, CertificateSuperseded)]
    assert [(each.old_serial_number, each.new_serial_number) for each in superseded] == [
        (unit.serial_number, new)
    ]
    with pytest.raises(Denied, match="certificate-mismatch"):
        log_in_with(counter, unit.username, unit.serial_number)
    log_in_with(counter, unit.username, new)
    assert counter.actions("certificate.superseded") == ["certificate.superseded"]
    assert end_reasons(counter) == ["used"]


def test_the_successor_can_be_renewed_in_its_turn(counter: Counter, unit: IssuedSlip) -> None:
    new = renew(counter, unit)
    log_in_with(counter, unit.username, new)
    enter_window(counter)
    renewed = counter.services.renewal.renewals.renew(
        new, new_key().public_key(), "request", VISITOR
    )
    third = serial_number_of(renewed.certificate.serial_number)
    log_in_with(counter, unit.username, third)
    assert [counter.certificate_state(each) for each in (unit.serial_number, new, third)] == [
        "revoked",
        "revoked",
        "good",
    ]


def test_the_successor_does_not_walk_around_a_hold(counter: Counter, unit: IssuedSlip) -> None:
    new = renew(counter, unit)
    with counter.database.writing() as session:
        counter.revocation.hold(session, unit.serial_number, OFFICER)
    with pytest.raises(Denied, match="renewal-blocked"):
        log_in_with(counter, unit.username, new)
    with counter.database.writing() as session:
        counter.revocation.release(session, unit.serial_number, OFFICER)
    log_in_with(counter, unit.username, new)


def test_revoking_the_certificate_ends_its_successor(counter: Counter, unit: IssuedSlip) -> None:
    """Whoever has the stolen key may have asked for the successor."""
    new = renew(counter, unit)
    with counter.database.writing() as session:
        counter.revocation.revoke(session, unit.serial_number, "keyCompromise", OFFICER)
        counter.services.authenticators.certificate_revoked(session, unit.serial_number, OFFICER)
    assert counter.certificate_state(new) == "revoked"
    assert end_reasons(counter) == ["revoked"]
    with pytest.raises(Denied, match="certificate-mismatch"):
        log_in_with(counter, unit.username, new)


def test_revoking_the_successor_leaves_the_certificate_and_another_can_be_made(
    counter: Counter, unit: IssuedSlip
) -> None:
    new = renew(counter, unit)
    with counter.database.writing() as session:
        counter.revocation.revoke(session, new, "keyCompromise", OFFICER)
        counter.services.authenticators.certificate_revoked(session, new, OFFICER)
    assert record(counter, new).reason == "keyCompromise"
    log_in_with(counter, unit.username, unit.serial_number)
    assert counter.certificate_state(renew(counter, unit)) == "good"


def test_suspending_the_subscriber_ends_the_successor(counter: Counter, unit: IssuedSlip) -> None:
    new = renew(counter, unit)
    with counter.database.writing() as session:
        counter.services.standing.suspend(session, unit.username, OFFICER)
    assert counter.certificate_state(new) == "revoked"
    assert counter.certificate_state(unit.serial_number) == "good"
    with counter.database.writing() as session:
        counter.services.standing.resume(session, unit.username, OFFICER)
    with pytest.raises(Denied, match="certificate-mismatch"):
        log_in_with(counter, unit.username, new)


def test_a_reissue_ends_the_certificate_and_the_successor(
    counter: Counter, unit: IssuedSlip
) -> None:
    new = renew(counter, unit)
    slip = counter.reissue(unit)
    assert counter.certificate_state(new) == "revoked"
    assert counter.certificate_state(unit.serial_number) == "revoked"
    counter.services.pickup.redeem(slip.serial_number, slip.download_password, "modern", VISITOR)
    counter.log_in(slip)
    assert end_reasons(counter) == ["reissued"]


def test_a_discarded_successor_makes_room_for_another(counter: Counter, unit: IssuedSlip) -> None:
    first = renew(counter, unit)
    renewals = counter.services.renewal.renewals
    renewals.discard(unit.serial_number, VISITOR)
    assert record(counter, first).reason == "cessationOfOperation"
    with pytest.raises(Conflict, match="renewal-ended"):
        renewals.discard(unit.serial_number, VISITOR)
    second = renew(counter, unit)
    log_in_with(counter, unit.username, second)


def test_a_successor_nobody_uses_expires_and_the_certificate_stays(
    counter: Counter, unit: IssuedSlip
) -> None:
    new = renew(counter, unit)
    expiry = counter.services.renewal.expiry
    counter.clock.advance(days=30, seconds=-1)
    assert expiry.expire_due() == 0
    counter.clock.advance(seconds=1)
    # The job may be late; the login is refused all the same.
    with pytest.raises(Denied, match="certificate-mismatch"):
        log_in_with(counter, unit.username, new)
    assert expiry.expire_due() == 1
    assert expiry.expire_due() == 0
    assert counter.certificate_state(new) == "revoked"
    assert counter.certificate_state(unit.serial_number) == "good"
    assert end_reasons(counter) == ["expired"]


def test_the_audit_log_tells_the_whole_story(counter: Counter, unit: IssuedSlip) -> None:
    before = len(counter.audit())
    new = renew(counter, unit)
    log_in_with(counter, unit.username, new)
    assert [entry.action for entry in counter.audit()[before:]] == [
        "certificate.reserved",
        "certificate.prepared",
        "renewal.started",
        "certificate.issued",
        "crl.published",
        "certificate.revoked",
        "certificate.superseded",
        "certificate.bound",
    ]
