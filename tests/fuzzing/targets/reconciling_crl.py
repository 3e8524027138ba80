"""A CRL that an operator brings after a restore: `CrlRefused`, or one that we signed."""

from collections.abc import Iterator
from contextlib import suppress

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.journal.crl_source import CrlRefused, read_crl
from tests.fuzzing.certified import certified
from tests.fuzzing.target import Target
from tests.fuzzing.targets import root_crl


def examine(data: bytes) -> None:
    ca = certified()
    with suppress(CrlRefused), ca.database.reading() as session:
        told = read_crl(session, data, epoch=7)
        assert told.issuer in {"root", "issuing"}
        assert all(entry.epoch == 7 for entry in told.entries)


def seeds() -> Iterator[bytes]:
    crl = certified().crl()
    yield crl.public_bytes(Encoding.DER)
    yield crl.public_bytes(Encoding.PEM)
    # Version 6, which the library tells in another way than what is no CRL at all.
    yield crl.public_bytes(Encoding.DER).replace(b"\x02\x01\x01", b"\x02\x01\x05", 1)
    for der in root_crl.seeds():
        yield der
        yield x509.load_der_x509_crl(der).public_bytes(Encoding.PEM)


TARGET = Target(examine, seeds, words=(*root_crl.TARGET.words, b"-----BEGIN X509 CRL-----\n"))
