"""The root's CRL from where its key is kept: `RootCrlRefused`, or the one that we have."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from ca.crl.errors import RootCrlRefused
from ca.crl.importing import import_crl
from tests.fuzzing.certified import certified
from tests.fuzzing.target import Target
from tests.support.private_keys import private_key_of


class _Undo(Exception):
    """Ends a transaction without a trace."""


def examine(data: bytes) -> None:
    ca = certified()
    root = ca.ca.hierarchy.root.certificate
    with suppress(RootCrlRefused, _Undo), ca.database.writing() as session:
        import_crl(session, data, "root", root, ca.ca.clock)
        read = x509.load_der_x509_crl(data)
        assert read.is_signature_valid(root.public_key())  # type: ignore[arg-type]
        raise _Undo


def seeds() -> Iterator[bytes]:
    ca = certified()
    ours = ca.crl("root")
    yield ours.public_bytes(Encoding.DER)
    now = ca.ca.clock.now()
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ours.issuer)
        .last_update(now)
        .next_update(now + timedelta(days=30))
    )
    for extension in ours.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    for serial_number in (1, 0x4142434445464748494A, 2**159 - 1):
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(serial_number)
            .revocation_date(now)
            .add_extension(x509.CRLReason(x509.ReasonFlags.ca_compromise), critical=False)
            .add_extension(x509.InvalidityDate(now), critical=False)
        )
        builder = builder.add_revoked_certificate(entry.build())
    root = private_key_of(ca.ca.hierarchy.root)
    yield builder.sign(root, hashes.SHA256()).public_bytes(Encoding.DER)


TARGET = Target(
    examine,
    seeds,
    words=(
        bytes.fromhex("0603551d15"), bytes.fromhex("0603551d14"), bytes.fromhex("0603551d18"),
        bytes.fromhex("0603551d1c"), bytes.fromhex("0603551d1b"), b"\x0a\x01\x01", b"\x01\x01\xff",
        b"\x17\x0d270104090000Z", b"\x18\x0f20270104090000Z", b"\x30\x80",
    ),
)  # fmt: skip
