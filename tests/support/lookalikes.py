"""Certificates that look like ours and are not, each wrong in one thing."""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca.key_types import CaPrivateKey
from tests.support.certification import Certification

CLIENT = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
SERVER = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])


def like(
    certificate: x509.Certificate,
    signer: CaPrivateKey,
    *,
    public_key: ec.EllipticCurvePublicKey | None = None,
    serial_number: int | None = None,
    issuer: x509.Name | None = None,
    subject: x509.Name | None = None,
    valid: tuple[datetime, datetime] | None = None,
    extended_key_usage: x509.ExtendedKeyUsage | None = CLIENT,
    without: tuple[type[x509.ExtensionType], ...] = (),
    replaced: tuple[x509.ExtensionType, ...] = (),
) -> x509.Certificate:
    """Return a certificate with the content of `certificate` but for what is given."""
    not_before, not_after = valid or (
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )
    builder = (
        x509.CertificateBuilder()
        .serial_number(serial_number or certificate.serial_number)
        .issuer_name(issuer or certificate.issuer)
        .subject_name(subject or certificate.subject)
        .public_key(public_key or certificate.public_key())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
    )
    for extension in certificate.extensions:
        if isinstance(extension.value, (x509.ExtendedKeyUsage, *without)):
            continue
        value = next((new for new in replaced if new.oid == extension.oid), extension.value)
        builder = builder.add_extension(value, extension.critical)
    if extended_key_usage is not None:
        builder = builder.add_extension(extended_key_usage, critical=False)
    return builder.sign(signer, hashes.SHA256())


def foreign_hierarchy(ca: Certification) -> tuple[x509.Certificate, CaPrivateKey]:
    """Return a self-signed CA with the name and key identifiers of our issuing CA."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuing = ca.hierarchy.issuing.certificate
    certificate = like(
        issuing,
        key,
        public_key=key.public_key(),
        issuer=issuing.subject,
        extended_key_usage=None,
        without=(x509.AuthorityKeyIdentifier, x509.NameConstraints),
    )
    return certificate, key


def tampered(certificate: x509.Certificate) -> x509.Certificate:
    """Return the certificate with one bit of its subject's text changed."""
    der = bytearray(certificate.public_bytes(Encoding.DER))
    at = der.index(b"wh000123")
    der[at + 7] ^= 1
    return x509.load_der_x509_certificate(bytes(der))


def day(count: int) -> timedelta:
    """Return some days."""
    return timedelta(days=count)
