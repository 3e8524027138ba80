"""Certification requests: only the key is taken, and only from somebody who holds it."""

import base64
from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca.csr import AcceptedRequest, CsrRefused, accept_csr
from ca.csr.reading import MAXIMUM_OCTETS
from ca.encoding.der import bit_string, sequence
from ca.keys import generate_key
from ca.keys.algorithms import EndEntityKeyAlgorithm
from tests.support import weak_rsa
from tests.support.der_surgery import replace_element
from tests.support.requests import (
    SUBJECT,
    der_request,
    parameters_of_p256,
    request_for,
    request_signed_by_another,
    request_signed_with,
    request_with_curve_numbers,
)

KEY = ec.generate_private_key(ec.SECP256R1())
REQUEST = request_for(KEY)
DER = REQUEST.public_bytes(Encoding.DER)
PEM = REQUEST.public_bytes(Encoding.PEM)
_ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
_ED25519 = bytes.fromhex("300506032b6570")


def refusal_of(unverified: bytes) -> CsrRefused:
    with pytest.raises(CsrRefused) as refused:
        accept_csr(unverified)
    return refused.value


@pytest.mark.parametrize(
    "form",
    [
        DER,
        PEM,
        PEM.replace(b"CERTIFICATE REQUEST", b"NEW CERTIFICATE REQUEST"),
        PEM.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + PEM,
        b"Certificate Request:\n  Data: as `openssl req -text` writes it\n" + PEM,
        base64.b64encode(DER),
        base64.encodebytes(DER),
    ],
)
def test_every_usual_form_is_read(form: bytes) -> None:
    assert accept_csr(form).public_key == KEY.public_key()


@pytest.mark.parametrize(
    "algorithm", ["ecdsa-p256", "ecdsa-p384", "rsa-3072", "rsa-4096", "ed25519"]
)
def test_every_kind_of_key_that_is_certified_is_accepted(algorithm: EndEntityKeyAlgorithm) -> None:
    key = generate_key(algorithm)
    assert accept_csr(der_request(key)).public_key == key.public_key()


def test_a_key_is_certified_in_the_form_of_its_standard_however_the_request_writes_it() -> None:
    """RFC 5480 section 2.2: uncompressed is what everybody reads."""
    point = KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    short = KEY.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    content = replace_element(
        request_for(KEY).tbs_certrequest_bytes, bit_string(point), bit_string(short)
    )
    signature = KEY.sign(content, ec.ECDSA(hashes.SHA256()))
    accepted = accept_csr(request_signed_with(content, _ECDSA_SHA256, signature))
    written = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert accepted.subject_public_key_info == written


@pytest.mark.parametrize("digest", [hashes.SHA256(), hashes.SHA384(), hashes.SHA512()])
@pytest.mark.parametrize("pss", [False, True])
def test_every_strong_digest_is_accepted(digest: hashes.SHA256, pss: bool) -> None:
    key = generate_key("rsa-3072")
    assert isinstance(key, rsa.RSAPrivateKey)
    request = request_for(key, digest=digest, pss=pss)
    assert accept_csr(request.public_bytes(Encoding.DER)).public_key == key.public_key()


def test_nothing_but_the_key_is_for_certifying() -> None:
    wished = (x509.DNSName("bank.example.com"),)
    accepted = accept_csr(request_for(KEY, names=wished).public_bytes(Encoding.DER))
    key = KEY.public_key()
    written = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert accepted == AcceptedRequest(key, written, SUBJECT.public_bytes(), wished)


def test_a_request_without_names_has_none() -> None:
    assert accept_csr(DER).alternative_names == ()


@pytest.mark.parametrize("size", [MAXIMUM_OCTETS + 1, 10_000_000])
def test_what_is_too_large_is_not_even_parsed(size: int) -> None:
    refused = refusal_of(b"\x30" * size)
    assert (refused.code, refused.params) == ("csr-too-large", {"limit": MAXIMUM_OCTETS})


@pytest.mark.parametrize(
    "unverified",
    [
        b"",
        b"0",
        b"\x00",
        b"not a request",
        DER[:-1],
        DER + b"\x00",
        PEM + PEM,
        PEM.replace(b"END CERTIFICATE", b"END NEW CERTIFICATE"),
        PEM.replace(b"CERTIFICATE REQUEST", b"CERTIFICATE"),
        PEM[:-40],
        PEM.replace(b"M", b"\xff", 1),
        base64.b64encode(DER) + b"!",
        # A certificate is no request, whatever it is called.
        b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----",
        # Version 1 (0) is the only one (RFC 2986 section 4.1).
        DER.replace(b"\x02\x01\x00", b"\x02\x01\x01", 1),
    ],
)
def test_what_is_no_request_is_refused(unverified: bytes) -> None:
    assert refusal_of(unverified).code == "csr-malformed"


def test_a_key_off_its_curve_is_refused() -> None:
    point = KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    moved = point[:-1] + bytes([point[-1] ^ 1])
    assert refusal_of(DER.replace(point, moved)).code == "csr-malformed"


def test_a_curve_given_by_numbers_is_refused() -> None:
    """RFC 5480 section 2.1.1: also that of a name; its bare key is accepted."""
    refused = refusal_of(request_with_curve_numbers(KEY, parameters_of_p256()))
    assert refused.code == "csr-curve-not-named"
    # implicitCurve, and nothing: some versions of the library do not read it at all.
    for parameters in (b"\x05\x00", b""):
        refused = refusal_of(request_with_curve_numbers(KEY, parameters))
        assert refused.code in {"csr-curve-not-named", "csr-malformed"}
    named = bytes.fromhex("06082a8648ce3d030107")
    accepted = accept_csr(request_with_curve_numbers(KEY, named))
    assert accepted.public_key == KEY.public_key()


def test_a_curve_with_a_generator_of_its_own_is_refused() -> None:
    """With Q as the generator everybody has the key, 1 (CVE-2020-0601)."""
    point = KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    refused = refusal_of(request_with_curve_numbers(KEY, parameters_of_p256(generator=point)))
    assert refused.code == "csr-curve-not-named"


@pytest.mark.parametrize(
    "make",
    [
        lambda: ec.generate_private_key(ec.SECP521R1()),
        lambda: ec.generate_private_key(ec.SECP224R1()),
        lambda: ec.generate_private_key(ec.SECP256K1()),
        lambda: rsa.generate_private_key(65537, 1024),  # noqa: S505 - to be refused
        lambda: weak_rsa.key_of(*_primes(), exponent=17),
    ],
)
def test_other_kinds_sizes_and_exponents_are_refused(
    make: Callable[[], rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey],
) -> None:
    refused = refusal_of(request_for(make()).public_bytes(Encoding.DER))
    assert refused.code == "csr-key-refused"


def test_an_edwards_key_of_another_curve_is_refused() -> None:
    request = x509.CertificateSigningRequestBuilder().subject_name(SUBJECT)
    signed = request.sign(ed448.Ed448PrivateKey.generate(), None)
    assert refusal_of(signed.public_bytes(Encoding.DER)).params["kind"] == "Ed448PublicKey"


def test_a_signature_over_a_forgeable_digest_is_refused() -> None:
    weak = bytes.fromhex("300906072a8648ce3d0401")  # ecdsa-with-SHA1
    content = REQUEST.tbs_certrequest_bytes
    signature = KEY.sign(content, ec.ECDSA(hashes.SHA1()))  # noqa: S303 - to be refused
    refused = refusal_of(request_signed_with(content, weak, signature))
    assert (refused.code, refused.params) == ("csr-signature-weak", {"algorithm": "sha1"})


@pytest.mark.parametrize(
    "algorithm",
    [
        bytes.fromhex("300d06092a864886f70d0101040500"),  # md5WithRSAEncryption
        bytes.fromhex("300d06092a864886f70d0101050500"),  # sha1WithRSAEncryption
        bytes.fromhex("300b06092a864886f70d01010e"),  # sha224WithRSAEncryption
        bytes.fromhex("300a06082a8648ce3d040301"),  # ecdsa-with-SHA224
        bytes.fromhex("3003060100"),  # nobody's
    ],
)
def test_every_weak_or_unknown_signature_algorithm_is_refused(algorithm: bytes) -> None:
    unverified = request_signed_with(REQUEST.tbs_certrequest_bytes, algorithm, b"\x00" * 64)
    assert refusal_of(unverified).code == "csr-signature-weak"


def test_somebody_elses_key_is_not_certified() -> None:
    """RFC 2986 section 4.2: whoever asks for a key has to sign with it."""
    assert refusal_of(request_signed_by_another(REQUEST)).code == "csr-signature-wrong"


@pytest.mark.parametrize("octet", [b"\x00", b"\xff"])
def test_a_changed_subject_breaks_the_proof(octet: bytes) -> None:
    assert refusal_of(DER.replace(b"asker", b"owner")).code == "csr-signature-wrong"


def test_an_algorithm_of_another_kind_of_key_proves_nothing() -> None:
    content = REQUEST.tbs_certrequest_bytes
    signature = ed25519.Ed25519PrivateKey.generate().sign(content)
    unverified = request_signed_with(content, _ED25519, signature)
    assert refusal_of(unverified).code == "csr-signature-wrong"


@pytest.mark.parametrize(
    ("make", "finding"),
    [
        (weak_rsa.close_primes, "fermat"),
        (weak_rsa.roca, "roca"),
        (weak_rsa.small_factor, "small-factors"),
        (weak_rsa.polynomial, "polynomial"),
    ],
)
def test_weak_keys_are_refused_by_name(make: Callable[[], rsa.RSAPrivateKey], finding: str) -> None:
    refused = refusal_of(der_request(make()))
    assert (refused.code, refused.params) == ("csr-key-weak", {"finding": finding})


def test_a_point_of_small_order_proves_nothing_though_its_signature_verifies() -> None:
    """Under the neutral point anybody signs anything (RFC 8032 section 5.1.7)."""
    neutral = (1).to_bytes(32, "little")
    honest = ed25519.Ed25519PrivateKey.generate()
    content = request_for(honest).tbs_certrequest_bytes.replace(
        honest.public_key().public_bytes_raw(), neutral
    )
    forged = neutral + bytes(32)
    ed25519.Ed25519PublicKey.from_public_bytes(neutral).verify(forged, content)
    refused = refusal_of(request_signed_with(content, _ED25519, forged))
    assert (refused.code, refused.params) == ("csr-key-weak", {"finding": "small-order"})


def test_extensions_that_cannot_be_read_are_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.ObjectIdentifier("2.5.29.17")
    builder = x509.CertificateSigningRequestBuilder().subject_name(SUBJECT)
    broken = builder.add_extension(x509.UnrecognizedExtension(name, b"\xff\xff"), False)
    request = broken.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
    assert refusal_of(request).code == "csr-malformed"


def test_a_huge_modulus_costs_nothing() -> None:
    """An attacker's 64,000-bit modulus and exponent would keep a processor for minutes."""
    modulus = (1 << 56_000) + 1
    numbers = sequence(_integer(modulus), _integer(modulus - 2))
    algorithm = bytes.fromhex("300d06092a864886f70d0101010500")
    content = sequence(
        b"\x02\x01\x00",
        SUBJECT.public_bytes(),
        sequence(algorithm, bit_string(numbers)),
        b"\xa0\x00",
    )
    sha256_rsa = bytes.fromhex("300d06092a864886f70d01010b0500")
    refused = refusal_of(request_signed_with(content, sha256_rsa, b"\x01" * 7_001))
    assert refused.code in {"csr-key-refused", "csr-malformed", "csr-too-large"}


def _primes() -> tuple[int, int]:
    numbers = rsa.generate_private_key(65537, 2048).private_numbers()
    # 17 must not divide p-1 or q-1; such primes come up quickly.
    while (numbers.p - 1) % 17 == 0 or (numbers.q - 1) % 17 == 0:
        numbers = rsa.generate_private_key(65537, 2048).private_numbers()
    return numbers.p, numbers.q


def _integer(value: int) -> bytes:
    octets = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return b"\x02\x82" + len(octets).to_bytes(2, "big") + octets
