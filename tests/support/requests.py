"""Certification requests, right ones and such as nobody should send."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from ca.encoding.der import bit_string, integer, octet_string, sequence
from ca.key_types import EndEntityPrivateKey

SUBJECT = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "what the asker would like")])
_P256_PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
_P256_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_P256_GENERATOR = bytes.fromhex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
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


def parameters_of_p256(generator: bytes = _P256_GENERATOR) -> bytes:
    """Return the curve as SpecifiedECDomain, which has another name with another generator."""
    prime_field = bytes.fromhex("06072a8648ce3d0101")
    coefficients = ((_P256_PRIME - 3).to_bytes(32, "big"), _P256_B.to_bytes(32, "big"))
    return sequence(
        integer(1),
        sequence(prime_field, integer(_P256_PRIME)),
        sequence(*map(octet_string, coefficients)),
        octet_string(generator),
        integer(_P256_ORDER),
        integer(1),
    )


def request_with_curve_numbers(key: ec.EllipticCurvePrivateKey, parameters: bytes) -> bytes:
    """Return a request whose key's algorithm has these parameters, signed by the key."""
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    algorithm = sequence(bytes.fromhex("06072a8648ce3d0201"), parameters)
    content = sequence(
        integer(0), SUBJECT.public_bytes(), sequence(algorithm, bit_string(point)), b"\xa0\x00"
    )
    return request_signed_with(content, _ECDSA_SHA256, key.sign(content, ec.ECDSA(hashes.SHA256())))
