"""Reissue, revocation and expiry: what ends, and what remains (AMB-04, AMB-05)."""

import pytest
from sqlalchemy import func, select

from enrollment.events import CredentialEnded, CredentialReissued
from enrollment.models import PickupTicket, Slip, ThrottleCounter
from foundation.errors import Conflict, Denied, Invalid, NotFound
from tests.support.enrolling import (
    ANOTHER_CREDIT_CODE,
    NEW_PASSWORD,
    OFFICER,
    VISITOR,
    Counter,
)


def pick_up(counter: Counter, serial_number: str, password: str) -> None:
    counter.services.pickup.redeem(serial_number, password, "modern", VISITOR)


def secrets_kept(counter: Counter) -> int:
    with counter.database.reading() as session:
        return (
            session.scalar(
                select(func.count()).where(
                    Slip.download_password_hash.is_not(None) | Slip.sealed_private_key.is_not(None)
                )
            )
            or 0
        )


def test_reissue_keeps_the_username_and_replaces_everything_else(counter: Counter) -> None:
    old = counter.register()
    pick_up(counter, old.serial_number, old.download_password)
    counter.log_in(old)
    change = counter.services.authenticators.prepare_change(
        old.username, old.initial_password, NEW_PASSWORD, VISITOR
    )
    with counter.database.writing() as session:
        counter.services.authenticators.apply_change(session, change, VISITOR)

    new = counter.reissue(old)
    assert new.username == old.username
    assert len({old.serial_number, new.serial_number}) == 2
    assert counter.certificate_state(old.serial_number) == "revoked"
    assert counter.certificate_state(new.serial_number) == "reserved"
    with pytest.raises(Denied, match="credentials-wrong"):
        counter.services.authenticators.verify_password(old.username, NEW_PASSWORD, VISITOR)
    with counter.database.reading() as session:
        assert counter.services.authenticators.must_change(session, old.username)
        owner = counter.services.authenticators.certificate_owner(session, old.serial_number)
    assert owner is not None
    assert owner.ended_at == counter.clock.now()
    event = counter.heard.events[-1]
    assert isinstance(event, CredentialReissued)
    assert (event.old_serial_number, event.reason) == (old.serial_number, "keyCompromise")

    pick_up(counter, new.serial_number, new.download_password)
    counter.clock.advance(minutes=1)
    counter.log_in(new)


def test_reissue_before_pickup_abandons_the_old_serial_number(counter: Counter) -> None:
    old = counter.register()
    counter.reissue(old)
    assert counter.certificate_state(old.serial_number) == "abandoned"
    with pytest.raises(Denied, match="pickup-refused"):
        pick_up(counter, old.serial_number, old.download_password)


def test_reissue_goes_on_when_a_security_officer_revoked_first(counter: Counter) -> None:
    old = counter.register()
    pick_up(counter, old.serial_number, old.download_password)
    with counter.database.writing() as session:
        counter.revocation.revoke(session, old.serial_number, "keyCompromise", OFFICER)
    new = counter.reissue(old)
    assert counter.certificate_state(new.serial_number) == "reserved"
    with counter.database.writing() as session:
        counter.revocation.revoke(session, new.serial_number, "keyCompromise", OFFICER)
    assert counter.certificate_state(counter.reissue(old).serial_number) == "reserved"


@pytest.mark.parametrize("reason", ["certificateHold", "lost", ""])
def test_reissue_wants_a_reason_that_ends_the_certificate(counter: Counter, reason: str) -> None:
    slip = counter.register()
    with pytest.raises(Invalid, match="revocation-reason-unknown"):
        counter.reissue(slip, reason)
    assert counter.certificate_state(slip.serial_number) == "reserved"


def test_reissue_for_nobody_is_refused(counter: Counter) -> None:
    with pytest.raises(NotFound), counter.database.writing() as session:
        counter.services.reissue.reissue(session, "wh000099", "superseded", OFFICER)


def test_revocation_ends_slip_key_and_binding(counter: Counter) -> None:
    slip = counter.register()
    pick_up(counter, slip.serial_number, slip.download_password)
    for _ in range(2):
        with counter.database.writing() as session:
            counter.services.authenticators.certificate_revoked(
                session, slip.serial_number, OFFICER
            )
    assert secrets_kept(counter) == 0
    assert counter.actions("authenticator.") == ["authenticator.ended"]
    with pytest.raises(Denied, match="pickup-refused"):
        pick_up(counter, slip.serial_number, slip.download_password)
    with pytest.raises(Denied, match="certificate-mismatch"):
        counter.log_in(slip)


def test_an_expired_slip_takes_everything_with_it(counter: Counter) -> None:
    waiting, picked_up = counter.register(), counter.register(ANOTHER_CREDIT_CODE)
    used = counter.appoint()
    for slip in (picked_up, used):
        pick_up(counter, slip.serial_number, slip.download_password)
    counter.log_in(used)
    counter.services.pickup.open(waiting.serial_number, waiting.download_password, VISITOR)
    assert counter.services.expiry.expire_due() == 0

    counter.clock.set(waiting.expires_at)
    assert counter.services.expiry.expire_due() == 2
    assert counter.services.expiry.expire_due() == 0
    assert counter.certificate_state(waiting.serial_number) == "abandoned"
    assert counter.certificate_state(picked_up.serial_number) == "revoked"
    assert counter.certificate_state(used.serial_number) == "good"
    assert secrets_kept(counter) == 0
    ended = [event for event in counter.heard.events if isinstance(event, CredentialEnded)]
    assert {event.username for event in ended} == {waiting.username, picked_up.username}
    with counter.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(PickupTicket)) == 0
        assert session.scalar(select(func.count()).select_from(ThrottleCounter)) == 0
    with pytest.raises(Denied, match="credentials-wrong"):
        counter.log_in(picked_up)
    assert counter.certificate_state(counter.reissue(waiting).serial_number) == "reserved"


def test_a_second_current_slip_is_refused_by_the_database(counter: Counter) -> None:
    slip = counter.register()
    with pytest.raises(Exception, match=r"(?i)unique"), counter.database.writing() as session:
        session.add(
            Slip(
                subscriber_id=1,
                serial_number="00",
                issued_at=slip.issued_at,
                expires_at=slip.expires_at,
            )
        )


def test_no_secret_is_ever_written_down(
    counter: Counter, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    slip = counter.register()
    opened = counter.services.pickup.open(slip.serial_number, slip.download_password, VISITOR)
    picked_up = counter.services.pickup.redeem_ticket(opened.ticket, "modern", VISITOR)
    counter.log_in(slip)
    refusals = []
    for serial_number, password in (
        (slip.download_password, slip.serial_number),
        (slip.serial_number, slip.download_password),
    ):
        with pytest.raises(Denied) as refused:
            pick_up(counter, serial_number, password)
        refusals.append(refused.value)
    with pytest.raises(Denied) as wrong:
        counter.services.authenticators.verify_password(
            slip.initial_password, slip.username, VISITOR
        )
    counter.reissue(slip)
    with pytest.raises(Conflict) as conflict:
        counter.register()

    written = [
        *(f"{entry.subject} {entry.facts} {entry.actor}" for entry in counter.audit()),
        *(repr(value) for value in (slip, opened, picked_up, *counter.heard.events)),
        *(
            f"{failure!r} {failure.params} {failure.fields}"
            for failure in (*refusals, wrong.value, conflict.value)
        ),
        caplog.text,
        *capsys.readouterr(),
    ]
    secrets = {slip.initial_password, slip.download_password, opened.ticket}
    secrets |= {secret.replace("-", "") for secret in secrets}
    for text in written:
        assert not [secret for secret in secrets if secret in text], text
