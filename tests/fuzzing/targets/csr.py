"""Certification requests: only `CsrRefused`, and of what is accepted the key is proven."""

import base64
from collections.abc import Iterator
from contextlib import suppress

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import AttributeOID

from ca.csr import CsrRefused, accept_csr
from ca.csr.reading import MAXIMUM_OCTETS, read_der
from ca.keys import KeyAlgorithm, generate_key
from tests.fuzzing.target import Target

_KINDS: tuple[KeyAlgorithm, ...] = ("ecdsa-p256", "ecdsa-p384", "rsa-3072", "ed25519")


def examine(data: bytes) -> None:
    with suppress(CsrRefused):
        accepted = accept_csr(data)
        der = read_der(data)
        assert len(der) <= MAXIMUM_OCTETS
        request = x509.load_der_x509_csr(der)
        assert request.is_signature_valid
        assert _spki(accepted.public_key) == _spki(request.public_key())
        assert accepted.subject_bytes == request.subject.public_bytes()
        # DER and the armours around it are one request.
        for form in (der, base64.b64encode(der), request.public_bytes(Encoding.PEM)):
            assert accept_csr(form) == accepted, form


def _spki(key: object) -> bytes:
    der: bytes = key.public_bytes(  # type: ignore[attr-defined]
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    return der


def seeds() -> Iterator[bytes]:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "武汉 unit")])
    plain = x509.CertificateSigningRequestBuilder().subject_name(name)
    for kind in _KINDS:
        key = generate_key(kind)
        request = plain.sign(key, None if kind == "ed25519" else hashes.SHA256())
        yield request.public_bytes(Encoding.DER)
    key = generate_key("ecdsa-p256")
    names = x509.SubjectAlternativeName([x509.DNSName("a.example"), x509.DirectoryName(name)])
    full = (
        plain.add_extension(names, critical=False)
        .add_attribute(AttributeOID.CHALLENGE_PASSWORD, b"challenge")
        .sign(key, hashes.SHA384())
    )
    yield full.public_bytes(Encoding.DER)
    yield full.public_bytes(Encoding.PEM)
    yield base64.b64encode(full.public_bytes(Encoding.DER))


TARGET = Target(
    examine,
    seeds,
    words=(
        b"-----BEGIN CERTIFICATE REQUEST-----", b"-----END CERTIFICATE REQUEST-----", b"NEW ",
        bytes.fromhex("06082a8648ce3d030107"),  # P-256
        bytes.fromhex("06072a8648ce3d0201"),  # id-ecPublicKey
        bytes.fromhex("06092a864886f70d010101"),  # rsaEncryption
        bytes.fromhex("06092a864886f70d01090e"),  # extensionRequest
        bytes.fromhex("06082a8648ce3d040302"),  # ecdsa-with-SHA256
        b"\xa0\x00", b"\x30\x80",
    ),
)  # fmt: skip
