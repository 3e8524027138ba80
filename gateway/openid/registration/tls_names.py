"""By which name in its certificate an application is known (RFC 8705 section 2.1.2).

Exactly one name is registered. A subject is compared attribute by attribute
and value by value, which is stricter than the matching of directories that the
RFC refers to (RFC 4517 section 4.2.15): differences in case do not match.
"""

import ipaddress
from typing import get_args

from cryptography import x509

from foundation.errors import Invalid
from gateway.openid.registration.application import TlsField, TlsName

TLS_FIELDS: tuple[TlsField, ...] = get_args(TlsField)
_LONGEST = 512


def read_tls_name(field: str, value: str) -> TlsName:
    """Return the name; raises `Invalid` when no certificate could have it."""
    known = next((each for each in TLS_FIELDS if each == field), None)
    if known is None or not 0 < len(value) <= _LONGEST or not value.isprintable():
        raise _refused(field)
    name = TlsName(known, value)
    try:
        _wanted(name)
    except (ValueError, UnicodeError) as unreadable:
        raise _refused(field) from unreadable
    return name


def has_name(certificate: x509.Certificate, name: TlsName) -> bool:
    """Say whether the certificate has the registered name. Does not verify the certificate."""
    wanted = _wanted(name)
    if isinstance(wanted, x509.Name):
        # As sets of RDNs in their order; the string types of values are no part of it.
        return certificate.subject.rdns == wanted.rdns
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return False
    return wanted in list(names.value)


def _wanted(name: TlsName) -> x509.Name | x509.GeneralName:
    match name.field:
        case "subject_dn":
            subject = x509.Name.from_rfc4514_string(name.value)
            if not subject.rdns:
                raise ValueError("an empty subject names nobody")
            return subject
        case "san_dns":
            return x509.DNSName(name.value)
        case "san_uri":
            return x509.UniformResourceIdentifier(name.value)
        case "san_ip":
            return x509.IPAddress(ipaddress.ip_address(name.value))
        case "san_email":
            return x509.RFC822Name(name.value)


def _refused(field: str) -> Invalid:
    return Invalid("relying-party-tls-name-refused", field=field)
