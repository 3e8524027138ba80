"""After an issuing CA followed another, everybody gets the chain of the certificate at hand."""

from cryptography import x509
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from ca.serial_numbers import serial_number_of
from enrollment.slips.issued_slip import IssuedSlip
from tests.support.certification import OPERATOR, SERVER_NAMES
from tests.support.enrolling import ANOTHER_CREDIT_CODE, VISITOR, Counter
from tests.support.renewing import enter_window, log_in_with, new_key, settle


def roll_over(counter: Counter) -> None:
    """Let a new issuing CA take over, as `certgate up` does."""
    certification = counter.certification
    certification.store.rollover().roll_over(OPERATOR)
    assert certification.store.take_over(certification.hierarchy, SERVER_NAMES, OPERATOR)


def pick_up(counter: Counter, slip: IssuedSlip) -> tuple[x509.Certificate, x509.Certificate]:
    """Return the certificate in the file of a slip, and the CA above it."""
    picked_up = counter.services.pickup.redeem(
        slip.serial_number, slip.download_password, "modern", VISITOR
    )
    bundle = load_pkcs12(picked_up.pkcs12, slip.download_password.encode())
    assert bundle.cert is not None
    (above,) = bundle.additional_certs
    return bundle.cert.certificate, above.certificate


def test_a_slip_collected_before_keeps_its_chain_and_the_next_has_the_new_one(
    counter: Counter,
) -> None:
    before = counter.register()
    first, old_issuing = pick_up(counter, before)
    roll_over(counter)

    again, above = pick_up(counter, before)
    assert (again, above) == (first, old_issuing)
    after = counter.register(ANOTHER_CREDIT_CODE)
    later, new_issuing = pick_up(counter, after)
    assert new_issuing != old_issuing
    later.verify_directly_issued_by(new_issuing)


def test_a_slip_printed_before_and_collected_after_is_whole(counter: Counter) -> None:
    slip = counter.register()
    roll_over(counter)
    certificate, above = pick_up(counter, slip)
    certificate.verify_directly_issued_by(above)
    counter.log_in(slip)


def test_a_renewal_leads_from_the_old_issuing_ca_to_the_new_one(counter: Counter) -> None:
    unit = settle(counter)
    enter_window(counter)
    roll_over(counter)
    renewed = counter.services.renewal.renewals.renew(
        unit.serial_number, new_key().public_key(), "est", VISITOR
    )
    (above,) = renewed.chain
    renewed.certificate.verify_directly_issued_by(above)
    active, retired = counter.certification.issuer_certificates()
    assert above == active
    assert counter.services.chains.everything() == (
        active,
        retired,
        counter.certification.hierarchy.root.certificate,
    )

    new = serial_number_of(renewed.certificate.serial_number)
    log_in_with(counter, unit.username, new)
    assert counter.certificate_state(unit.serial_number) == "revoked"
    assert counter.certificate_state(new) == "good"
