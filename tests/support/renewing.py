"""Subscribers in the last days of their certificate, and requests for the next one."""

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from enrollment.slips.issued_slip import IssuedSlip
from tests.support.enrolling import CREDIT_CODE, NEW_PASSWORD, VISITOR, Counter

LIFETIME = timedelta(days=2 * 365)
WINDOW = timedelta(days=60)


def new_key() -> ec.EllipticCurvePrivateKey:
    """Return a key as a subscriber's program makes one."""
    return ec.generate_private_key(ec.SECP256R1())


def request_for(
    key: ec.EllipticCurvePrivateKey,
    subject: x509.Name | None = None,
    *,
    alternative_names: tuple[x509.GeneralName, ...] = (),
    attributes: tuple[tuple[x509.ObjectIdentifier, bytes], ...] = (),
) -> bytes:
    """Return a PKCS#10 request in DER; without a subject it has an empty one."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject or x509.Name([]))
    if alternative_names:
        names = x509.SubjectAlternativeName(alternative_names)
        builder = builder.add_extension(names, critical=False)
    for oid, value in attributes:
        builder = builder.add_attribute(oid, value)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def settle(counter: Counter, credit_code: str = CREDIT_CODE) -> IssuedSlip:
    """Enrol a unit, pick up, log in for the first time, set a password of its own."""
    slip = counter.register(credit_code)
    counter.services.pickup.redeem(slip.serial_number, slip.download_password, "modern", VISITOR)
    counter.log_in(slip)
    change = counter.services.authenticators.prepare_change(
        slip.username, slip.initial_password, NEW_PASSWORD, VISITOR
    )
    with counter.database.writing() as session:
        counter.services.authenticators.apply_change(session, change, VISITOR)
    return slip


def enter_window(counter: Counter, before_end: timedelta = timedelta(days=30)) -> None:
    """Let time pass until so little is left of a certificate picked up now."""
    counter.clock.advance(LIFETIME - before_end)


def log_in_with(counter: Counter, username: str, serial_number: str) -> None:
    """Do what a login with this certificate does to authenticators."""
    verified = counter.services.authenticators.verify_password(username, NEW_PASSWORD, VISITOR)
    with counter.database.writing() as session:
        counter.services.authenticators.bind_certificate(session, verified, serial_number, VISITOR)
