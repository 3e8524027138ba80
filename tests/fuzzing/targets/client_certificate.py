"""Client certificates as a handshake brings them: refused, unless it is the one we issued."""

from collections.abc import Iterator
from contextlib import suppress
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from ca.verification.certificate import fingerprint_of_leaf, read_leaf
from ca.verification.purpose import require_client_purpose
from foundation.errors import Denied
from tests.fuzzing.certified import certified
from tests.fuzzing.target import Target
from tests.support.lookalikes import like
from tests.support.revocation import RevocableCa


def examine(data: bytes) -> None:
    with suppress(Denied):
        presented = read_leaf(data, fingerprint_of_leaf([data]))
        assert presented.certificate.public_bytes(Encoding.DER) == data
        with suppress(Denied):
            # In life only after the path: it must stand anything that parses.
            require_client_purpose([presented.certificate])
    with suppress(Denied):
        certified().verifier.verify([data])
        assert data == _issued(), "trusted, and we did not issue it"


@cache
def _issued() -> bytes:
    return certified().issue().certificate.public_bytes(Encoding.DER)


def seeds() -> Iterator[bytes]:
    ca = certified()
    certificates = [
        ca.issue().certificate,
        ca.ca.hierarchy.issuing.certificate,
        ca.ca.hierarchy.root.certificate,
        ca.ca.hierarchy.server.certificate,
        _with_every_kind_of_name(ca),
    ]
    return (certificate.public_bytes(Encoding.DER) for certificate in certificates)


def _with_every_kind_of_name(ca: RevocableCa) -> x509.Certificate:
    """What none of ours has, and what a parser has code for all the same."""
    other = x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), b"\x0c\x01x")
    names = [x509.DNSName("a.example"), x509.RFC822Name("a@example.org"), other]
    point = x509.DistributionPoint([x509.UniformResourceIdentifier("http://a/")], None, None, None)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = like(ca.issue().certificate, key, without=(x509.CRLDistributionPoints,))
    builder = (
        x509.CertificateBuilder()
        .serial_number(certificate.serial_number)
        .issuer_name(certificate.issuer)
        .subject_name(certificate.subject)
        .public_key(certificate.public_key())
        .not_valid_before(certificate.not_valid_before_utc)
        .not_valid_after(certificate.not_valid_after_utc)
        .add_extension(x509.SubjectAlternativeName(names), critical=True)
        .add_extension(x509.CRLDistributionPoints([point]), critical=False)
        .add_extension(x509.InhibitAnyPolicy(0), critical=True)
    )
    return builder.sign(key, certificate.signature_hash_algorithm)  # type: ignore[arg-type]


TARGET = Target(
    examine,
    seeds,
    words=(
        bytes.fromhex("0603551d11"), bytes.fromhex("0603551d0f"), bytes.fromhex("0603551d25"),
        bytes.fromhex("0603551d13"), bytes.fromhex("0603551d1f"), b"\x01\x01\xff", b"\x30\x80",
        bytes.fromhex("06082b06010505070302"),  # clientAuth
    ),
)  # fmt: skip
