"""Taking the public key, and nothing else, out of a certification request.

1. size         before anything is parsed
2. form         exactly one request, in DER, PEM or base64 (RFC 2986 section 4)
3. key          of a kind and size the CA certifies, on a curve that is named
4. digest       the signature's hash is not one that can be forged
5. possession   the request is signed by its own key (RFC 2986 section 4.2)
6. strength     nobody else can have the private key

Subject and extensions of the certificate come from the profile and from what
enrollment knows. What the request says of them is only handed out for EST, which
compares it with the certificate that is renewed (RFC 7030 section 4.2.2).
"""

from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import SignatureAlgorithmOID

from ca.csr.errors import CsrRefused
from ca.csr.reading import read_der
from ca.errors import PublicKeyRefused
from ca.key_types import EndEntityPublicKey
from ca.keys.algorithms import accept_public_key
from ca.keys.reading import (
    P256_SPKI_START,
    is_written_canonically,
    read_public_key,
    write_public_key,
)
from ca.linting.octets import elements, fields
from ca.weak_keys import find_weakness

# SHA-1 and MD5 collide: the signature may have been made over something else.
_DIGESTS = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_OBJECT_IDENTIFIER = 0x06
_EC_PUBLIC_KEY = bytes.fromhex("2a8648ce3d0201")  # id-ecPublicKey, RFC 5480 section 2.1.1
_ECDSA = {
    SignatureAlgorithmOID.ECDSA_WITH_SHA256: ec.ECDSA(hashes.SHA256()),
    SignatureAlgorithmOID.ECDSA_WITH_SHA384: ec.ECDSA(hashes.SHA384()),
    SignatureAlgorithmOID.ECDSA_WITH_SHA512: ec.ECDSA(hashes.SHA512()),
}


@dataclass(frozen=True)
class AcceptedRequest:
    """A key whose owner asked for a certificate, and the names he would like."""

    public_key: EndEntityPublicKey
    subject_public_key_info: bytes
    """The key in DER, as its standard writes it, however the request did."""
    subject_bytes: bytes
    """The subject in DER, to be compared and never certified."""
    alternative_names: tuple[x509.GeneralName, ...]
    """The subjectAltName of the extensions asked for, to be compared and never certified."""


def accept_csr(unverified: bytes) -> AcceptedRequest:
    """Return what is taken of a request in DER, PEM or base64; raises `CsrRefused`.

    Does not check the key against an operator's blocklist, which
    `Issuance.prepare` does, nor that the asker may have a certificate.
    """
    # 1. size and 2. form
    der = read_der(unverified)
    request = _parse(der)
    signed, subject, subject_public_key_info = _cut(der)

    # 3. key: first, because a huge modulus or exponent makes verifying expensive
    public_key = _accepted_key(subject_public_key_info)

    # 4. digest
    _refuse_weak_digest(request)

    # 5. possession
    if not _is_signed_by_its_key(request, signed, public_key):
        raise CsrRefused.signature_wrong()

    # 6. strength
    finding = find_weakness(public_key)
    if finding is not None:
        raise CsrRefused.key_weak(finding)

    if not is_written_canonically(subject_public_key_info, public_key):
        subject_public_key_info = write_public_key(public_key)
    try:
        return AcceptedRequest(public_key, subject_public_key_info, subject, _names_of(request))
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as failure:
        raise CsrRefused.malformed() from failure


def _parse(der: bytes) -> x509.CertificateSigningRequest:
    try:
        return x509.load_der_x509_csr(der)
    except (ValueError, x509.InvalidVersion) as failure:
        raise CsrRefused.malformed() from failure


def _cut(der: bytes) -> tuple[bytes, bytes, bytes]:
    """Return what is signed, and of it the subject and the key, each as it stands there.

    The subject is not parsed: nothing depends on what it says.
    """
    try:
        signed, *_ = fields(der)
        _, subject, subject_public_key_info, *_ = fields(signed)
    except ValueError as failure:
        raise CsrRefused.malformed() from failure
    return signed, subject, subject_public_key_info


def _accepted_key(subject_public_key_info: bytes) -> EndEntityPublicKey:
    _refuse_curve_without_name(subject_public_key_info)
    try:
        return accept_public_key(read_public_key(subject_public_key_info))
    except PublicKeyRefused as refused:
        raise CsrRefused.key_refused(str(refused.params["kind"])) from refused
    except UnsupportedAlgorithm as failure:
        raise CsrRefused.key_refused("unknown") from failure
    except ValueError as failure:
        # Among others a point that is not on its curve.
        raise CsrRefused.malformed() from failure


def _refuse_curve_without_name(subject_public_key_info: bytes) -> None:
    """RFC 5480 section 2.1.1: neither specifiedCurve nor implicitCurve.

    The library reads the numbers of a curve it knows as that curve, and then the
    key stands in the certificate otherwise than its owner wrote it.
    """
    if subject_public_key_info.startswith(P256_SPKI_START):
        return  # as nearly all are
    try:
        algorithm, *_ = fields(subject_public_key_info)
        (_, name), *parameters = elements(algorithm)
    except ValueError as failure:
        raise CsrRefused.malformed() from failure
    if name == _EC_PUBLIC_KEY and [tag for tag, _ in parameters] != [_OBJECT_IDENTIFIER]:
        raise CsrRefused.curve_not_named()


def _refuse_weak_digest(request: x509.CertificateSigningRequest) -> None:
    try:
        digest = request.signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm) as failure:
        raise CsrRefused.signature_weak(request.signature_algorithm_oid.dotted_string) from failure
    # None: the algorithm has its digest built in (Ed25519, RFC 8032).
    if digest is not None and not isinstance(digest, _DIGESTS):
        raise CsrRefused.signature_weak(digest.name)


def _is_signed_by_its_key(
    request: x509.CertificateSigningRequest, signed: bytes, key: EndEntityPublicKey
) -> bool:
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            # As `is_signature_valid` does, without reading the key a second time.
            algorithm = _ECDSA.get(request.signature_algorithm_oid)
            if algorithm is None:
                return False
            key.verify(request.signature, signed, algorithm)
            return True
        return request.is_signature_valid
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        # An algorithm that does not go with this kind of key.
        return False


def _names_of(request: x509.CertificateSigningRequest) -> tuple[x509.GeneralName, ...]:
    try:
        names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(names.value)
