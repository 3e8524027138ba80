"""A renewal that is interrupted, overtaken or doubled ends in one of two states: one or none."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import func, select

from enrollment.certification import CertificatePending
from enrollment.models import CertificateAuthenticator, Renewal
from enrollment.pickup.picked_up import PickedUpCertificate
from enrollment.slips.issued_slip import IssuedSlip
from foundation.audit import Actor
from foundation.database import Database
from foundation.errors import Conflict, Denied, Failure, Unavailable
from tests.support.at_once import at_once, each_at_once
from tests.support.enrolling import OFFICER, VISITOR, Counter
from tests.support.renewing import enter_window, log_in_with, new_key, settle


@pytest.fixture
def unit(counter: Counter) -> IssuedSlip:
    slip = settle(counter)
    enter_window(counter)
    return slip


def renewing(
    counter: Counter, slip: IssuedSlip, key: ec.EllipticCurvePublicKey | None = None
) -> Callable[[], PickedUpCertificate]:
    """Return the act of renewing, with a new key each time unless one is given."""
    return lambda: counter.services.renewal.renewals.renew(
        slip.serial_number, key or new_key().public_key(), "est", VISITOR
    )


def live(counter: Counter) -> list[tuple[str, bool]]:
    """Return state and kind of every certificate that could log in."""
    query = select(CertificateAuthenticator).where(CertificateAuthenticator.ended_at.is_(None))
    with counter.database.reading() as session:
        found = [(each.serial_number, each.pending) for each in session.scalars(query)]
    return sorted((counter.certificate_state(serial), pending) for serial, pending in found)


def test_a_signer_that_does_not_answer_delays_the_renewal_and_loses_nothing(
    counter: Counter, unit: IssuedSlip, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = renewing(counter, unit, new_key().public_key())

    def silent(*_: object, **__: object) -> x509.Certificate:
        raise Unavailable("key-unavailable", key_name="issuing")

    with monkeypatch.context() as patch:
        patch.setattr(counter.certification.issuance, "complete", silent)
        with pytest.raises(CertificatePending) as pending:
            act()
    assert pending.value.retry_after.total_seconds() > 0
    certificate = act().certificate
    assert act().certificate.fingerprint(SHA256()) == certificate.fingerprint(SHA256())
    assert live(counter) == [("good", False), ("good", True)]


def test_a_revocation_while_the_successor_is_signed_leaves_no_certificate(
    counter: Counter, unit: IssuedSlip, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete = counter.certification.issuance.complete

    def revoked_meanwhile(
        database: Database, serial_number: str, by: Actor, **others: Any
    ) -> x509.Certificate:
        with database.writing() as session:
            counter.revocation.revoke(session, unit.serial_number, "keyCompromise", OFFICER)
            counter.services.authenticators.certificate_revoked(
                session, unit.serial_number, OFFICER
            )
        return complete(database, serial_number, by, **others)

    monkeypatch.setattr(counter.certification.issuance, "complete", revoked_meanwhile)
    with pytest.raises(Conflict, match="renewal-ended"):
        renewing(counter, unit)()
    assert live(counter) == []
    with counter.database.reading() as session:
        successor = session.scalars(select(Renewal.new_serial_number)).one()
    assert counter.certificate_state(successor) == "abandoned"


def test_renewals_at_once_with_different_keys_make_one_successor(
    counter: Counter, unit: IssuedSlip
) -> None:
    results = at_once(4, renewing(counter, unit))
    made = [each for each in results if isinstance(each, PickedUpCertificate)]
    codes = {each.code for each in results if isinstance(each, Failure)}
    assert (len(made), codes) == (1, {"renewal-pending"})
    assert live(counter) == [("good", False), ("good", True)]


def test_renewals_at_once_with_one_key_all_get_the_same_certificate(
    counter: Counter, unit: IssuedSlip
) -> None:
    results = at_once(4, renewing(counter, unit, new_key().public_key()))
    assert all(isinstance(each, PickedUpCertificate) for each in results), results
    made = {
        each.certificate.fingerprint(SHA256())
        for each in results
        if isinstance(each, PickedUpCertificate)
    }
    assert len(made) == 1
    with counter.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Renewal)) == 1


def test_a_renewal_and_a_reissue_at_once_leave_no_old_credential(
    counter: Counter, unit: IssuedSlip
) -> None:
    renewed, reissued = each_at_once(renewing(counter, unit), lambda: counter.reissue(unit))
    assert isinstance(reissued, IssuedSlip)
    assert isinstance(renewed, PickedUpCertificate | Failure)
    assert live(counter) == [("reserved", False)]


def test_two_first_logins_at_once_supersede_once(counter: Counter, unit: IssuedSlip) -> None:
    renewing(counter, unit)()
    with counter.database.reading() as session:
        successor = session.scalars(select(Renewal.new_serial_number)).one()
    results = at_once(2, lambda: log_in_with(counter, unit.username, successor))
    assert results == [None, None]
    assert counter.actions("certificate.superseded") == ["certificate.superseded"]
    assert live(counter) == [("good", False)]


def test_a_login_with_the_successor_and_a_suspension_at_once_agree(
    counter: Counter, unit: IssuedSlip
) -> None:
    renewing(counter, unit)()
    with counter.database.reading() as session:
        successor = session.scalars(select(Renewal.new_serial_number)).one()

    def suspend() -> None:
        with counter.database.writing() as session:
            counter.services.standing.suspend(session, unit.username, OFFICER)

    logged_in, suspended = each_at_once(
        lambda: log_in_with(counter, unit.username, successor), suspend
    )
    assert suspended is None
    if logged_in is None:
        assert live(counter) == [("good", False)]
    else:
        assert isinstance(logged_in, Denied)
        assert live(counter) == [("good", False)]
        assert counter.certificate_state(successor) == "revoked"
