"""What EST reads of a request beside its key: names that must match, wishes that are refused."""

from collections.abc import Iterator
from contextlib import suppress

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from enrollment.est.requests import require_names_of, require_plain_key_request
from foundation.errors import Invalid
from tests.fuzzing.target import Target
from tests.fuzzing.targets import csr
from tests.support.drafts import authority

_WISHES = ("1.2.840.113549.1.9.16.2.37", "1.2.840.113549.1.9.16.2.54", "1.3.6.1.5.5.7.7.36")


def examine(data: bytes) -> None:
    certificate = authority("issuing").certificate
    with suppress(Invalid):
        require_plain_key_request(data)
    with suppress(Invalid):
        require_names_of(certificate, data)
        assert x509.load_der_x509_csr(data).subject == certificate.subject


def seeds() -> Iterator[bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        authority("issuing").certificate.subject
    )
    yield builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
    for wish in _WISHES:
        wishing = builder.add_attribute(x509.ObjectIdentifier(wish), b"\x04\x00")
        yield wishing.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
    yield from csr.seeds()


TARGET = Target(examine, seeds, words=csr.TARGET.words)
