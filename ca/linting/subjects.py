"""Reading a subject's attributes (RFC 5280 section 4.1.2.4) for the rules about names.

The library's objects of a name cost more than all rules that look at them, so
names in the form that nearly all have are read here: one attribute in each RDN,
of a known type, in UTF8String or PrintableString, with lengths of one octet.
Any other name is read with the library. Like `ca.linting.octets` this shares no
code with what writes names (`ca.names.written_names`), and in tests it says what the
library says (tests/properties/test_linted_subjects.py).
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

_SEQUENCE: Final = 0x30
_SET: Final = 0x31
_OBJECT_IDENTIFIER: Final = 0x06
_LONG: Final = 0x80
_KINDS: Final = {0x0C: _ASN1Type.UTF8String, 0x13: _ASN1Type.PrintableString}
# X.680 section 41.4.
_PRINTABLE: Final = re.compile(r"[A-Za-z0-9 '()+,./:=?-]+")

# As X.690 section 8.19 encodes them; a country's length is the library's to check.
_TYPES: Final[Mapping[bytes, x509.ObjectIdentifier]] = {
    bytes.fromhex("550403"): NameOID.COMMON_NAME,
    bytes.fromhex("550406"): NameOID.COUNTRY_NAME,
    bytes.fromhex("550407"): NameOID.LOCALITY_NAME,
    bytes.fromhex("550408"): NameOID.STATE_OR_PROVINCE_NAME,
    bytes.fromhex("55040a"): NameOID.ORGANIZATION_NAME,
    bytes.fromhex("55040b"): NameOID.ORGANIZATIONAL_UNIT_NAME,
    bytes.fromhex("550461"): NameOID.ORGANIZATION_IDENTIFIER,
    bytes.fromhex("0992268993f22c640101"): NameOID.USER_ID,
}
_COUNTRY_OCTETS: Final = 2


class Attribute(NamedTuple):
    """One attribute: its type, its value, and the kind of string it is written in."""

    oid: x509.ObjectIdentifier
    value: str
    kind: _ASN1Type


class SubjectFacts(NamedTuple):
    """The attributes of a name in their order, and how many RDNs they are in."""

    attributes: list[Attribute]
    rdns: int


def read_subject(octets: bytes, certificate: x509.Certificate) -> SubjectFacts:
    """Return what the subject says, which stands in `certificate` as `octets`.

    Raises `ValueError` for what the library cannot read.
    """
    plain = find_plain_attributes(octets)
    if plain is not None:
        return SubjectFacts(plain, len(plain))
    subject = certificate.subject
    attributes = [Attribute(item.oid, str(item.value), item._type) for item in subject]
    return SubjectFacts(attributes, len(subject.rdns))


def find_plain_attributes(octets: bytes) -> list[Attribute] | None:
    """Return the attributes of a name in the form that nearly all have, None for any other."""
    position = _start(octets)
    end = len(octets)
    attributes = []
    while position < end:
        # SET { SEQUENCE { OBJECT IDENTIFIER, string } }: each ends where the others do.
        head = octets[position : position + 6]
        if len(head) < 6:
            return None
        rdn, size, pair, inner, name, length = head
        value = position + 6 + length
        after = position + 2 + size
        if (
            size >= _LONG
            or inner != size - 2
            or (rdn, pair, name) != (_SET, _SEQUENCE, _OBJECT_IDENTIFIER)
            or after > end
            or value + 2 >= after
            or octets[value + 1] != after - value - 2
        ):
            return None
        attribute = _attribute(
            octets[position + 6 : value], octets[value], octets[value + 2 : after]
        )
        if attribute is None:
            return None
        attributes.append(attribute)
        position = after
    return attributes


def _start(octets: bytes) -> int:
    """Return where a SEQUENCE begins whose tag and length are known to be right."""
    return 2 if octets[1] < _LONG else 2 + (octets[1] & ~_LONG)


def _attribute(name: bytes, tag: int, octets: bytes) -> Attribute | None:
    oid, kind = _TYPES.get(name), _KINDS.get(tag)
    if oid is None or kind is None:
        return None
    if oid == NameOID.COUNTRY_NAME and len(octets) != _COUNTRY_OCTETS:
        return None
    try:
        value = octets.decode()
    except UnicodeDecodeError:
        return None
    if kind is _ASN1Type.PrintableString and not _PRINTABLE.fullmatch(value):
        return None
    return Attribute(oid, value, kind)
