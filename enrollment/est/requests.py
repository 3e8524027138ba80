"""What EST asks of a PKCS#10 request beside its key.

The key and the proof that its owner has it are `ca.csr`'s matter.
"""

from cryptography import x509
from cryptography.x509.oid import ObjectIdentifier

from ca.encoding.not_readable import NOT_READABLE
from foundation.errors import Invalid

# RFC 7030 sections 4.4.1.1 and 4.4.1.2: "encrypt the key for me, beyond TLS".
_DECRYPT_KEY_IDENTIFIER = ObjectIdentifier("1.2.840.113549.1.9.16.2.37")
_ASYMMETRIC_DECRYPT_KEY_IDENTIFIER = ObjectIdentifier("1.2.840.113549.1.9.16.2.54")
# RFC 6402 section 2.8: "let the new certificate have another name".
_CHANGE_SUBJECT_NAME = ObjectIdentifier("1.3.6.1.5.5.7.7.36")


def require_names_of(certificate: x509.Certificate, unverified_der: bytes) -> None:
    """Verify that a request asks for the names the certificate has (section 4.2.2).

    Subject and subjectAltName are to be identical. How a string is encoded is
    not compared: `openssl` and others choose another type than the profile.
    Raises `Invalid` ("est-request-unreadable", "est-names-differ").
    """
    request = _read(unverified_der)
    if _asks_for(request, _CHANGE_SUBJECT_NAME):
        raise Invalid("est-names-differ")
    if request.subject != certificate.subject:
        raise Invalid("est-names-differ")
    if _alternative_names(request) != _alternative_names(certificate):
        raise Invalid("est-names-differ")


def require_plain_key_request(unverified_der: bytes) -> None:
    """Verify that a request for a key wants it protected by TLS alone (section 4.4.1).

    The public key and the signature in it are ignored, as the section demands.
    Raises `Invalid` ("est-request-unreadable", "est-key-encryption-unsupported").
    """
    request = _read(unverified_der)
    for wish in (_DECRYPT_KEY_IDENTIFIER, _ASYMMETRIC_DECRYPT_KEY_IDENTIFIER):
        if _asks_for(request, wish):
            # Section 4.4.1.1: what cannot be done as asked is an error.
            raise Invalid("est-key-encryption-unsupported")


def _read(unverified_der: bytes) -> x509.CertificateSigningRequest:
    try:
        request = x509.load_der_x509_csr(unverified_der)
        # Parsed when they are first asked for.
        _ = (request.subject, request.attributes, request.extensions)
    except NOT_READABLE as bad:
        raise Invalid("est-request-unreadable") from bad
    return request


def _asks_for(request: x509.CertificateSigningRequest, attribute: ObjectIdentifier) -> bool:
    return any(each.oid == attribute for each in request.attributes)


def _alternative_names(
    named: x509.Certificate | x509.CertificateSigningRequest,
) -> frozenset[x509.GeneralName]:
    try:
        extension = named.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return frozenset()
    return frozenset(extension.value)
