"""Certification requests, right ones and such as nobody should send."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ca.encoding.der import bit_string, sequence
from ca.key_types import EndEntityPrivateKey

SUBJECT = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "what the asker would like")])
_ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")

Digest = hashes.SHA256 | hashes.SHA384 | hashes.SHA512


def request_for(
    key: EndEntityPrivateKey | ec.EllipticCurvePrivateKey,
    *,
    digest: Digest | None = None,
    names: tuple[x509.GeneralName, ...] = (),
    pss: bool = False,
) -> x509.CertificateSigningRequest:
    """Return a request that `key` signed, with SHA-256 unless said otherwise."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(SUBJECT)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return builder.sign(key, None)
    chosen = digest or hashes.SHA256()
    if pss:
        assert isinstance(key, rsa.RSAPrivateKey)
        way = padding.PSS(padding.MGF1(chosen), padding.PSS.DIGEST_LENGTH)
        return builder.sign(key, chosen, rsa_padding=way)
    return builder.sign(key, chosen)


def der_request(key: EndEntityPrivateKey) -> bytes:
    """Return a plain request in DER."""
    return request_for(key).public_bytes(Encoding.DER)


def request_signed_by_another(victim: x509.CertificateSigningRequest) -> bytes:
    """Return the victim's request with the signature of somebody who lacks the victim's key."""
    content = victim.tbs_certrequest_bytes
    signature = ec.generate_private_key(ec.SECP256R1()).sign(content, ec.ECDSA(hashes.SHA256()))
    return sequence(content, _ECDSA_SHA256, bit_string(signature))


def request_signed_with(content: bytes, algorithm: bytes, signature: bytes) -> bytes:
    """Return a CertificationRequest of these three parts (RFC 2986 section 4.2)."""
    return sequence(content, algorithm, bit_string(signature))
