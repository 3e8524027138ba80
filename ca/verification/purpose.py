"""Whether a certificate may authenticate a TLS client (RFC 5280 sections 4.2.1.3, 4.2.1.12).

pyOpenSSL cannot set the purpose of a verification, so this says what
``openssl verify -purpose sslclient`` would, and is stricter in one thing: the
leaf must name the purpose, where RFC 5280 also allows to say nothing.
"""

from collections.abc import Sequence

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from foundation.errors import Denied


def require_client_purpose(verified_path: Sequence[x509.Certificate]) -> None:
    """Raise `Denied` unless the path, leaf first, is good for client authentication.

    The path has been validated; signatures and CA bits are not looked at again.
    """
    leaf, *authorities = verified_path
    usages = _extended_key_usage(leaf)
    if usages is None or ExtendedKeyUsageOID.CLIENT_AUTH not in usages:
        raise Denied("certificate-untrusted")
    if not _may_sign(leaf) or _is_authority(leaf):
        raise Denied("certificate-untrusted")
    for authority in authorities:
        # An EKU in a CA certificate confines everything below it (as browsers
        # and OpenSSL read section 4.2.1.12).
        confined_to = _extended_key_usage(authority)
        if confined_to is not None and ExtendedKeyUsageOID.CLIENT_AUTH not in confined_to:
            raise Denied("certificate-untrusted")


def _extended_key_usage(certificate: x509.Certificate) -> x509.ExtendedKeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return None


def _may_sign(leaf: x509.Certificate) -> bool:
    """Return whether the key may sign, as TLS 1.3 handshakes do; no KeyUsage allows nothing."""
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return usage.digital_signature


def _is_authority(leaf: x509.Certificate) -> bool:
    try:
        return leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
