"""Subject names (RFC 5280 section 4.1.2.6).

The identity of a subscriber is `userId`, its username, and for a unit
`organizationIdentifier`, its credit code. Names in words are for people who
choose among certificates in a browser; those too long for their attribute are
shortened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import NameOID

from ca.errors import SubjectRefused
from ca.names.written_names import WrittenName, write_attribute, write_default, write_name

NAME_ATTRIBUTES: Mapping[str, x509.ObjectIdentifier] = {
    "countryName": NameOID.COUNTRY_NAME,
    "stateOrProvinceName": NameOID.STATE_OR_PROVINCE_NAME,
    "localityName": NameOID.LOCALITY_NAME,
    "organizationName": NameOID.ORGANIZATION_NAME,
    "organizationalUnitName": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "organizationIdentifier": NameOID.ORGANIZATION_IDENTIFIER,
    "commonName": NameOID.COMMON_NAME,
    "userId": NameOID.USER_ID,
}

# Upper bounds of RFC 5280 appendix A.1 (ub-common-name, ub-organization-name)
# and RFC 4524 section 2.29, in characters.
UPPER_BOUNDS: Mapping[x509.ObjectIdentifier, int] = {
    NameOID.STATE_OR_PROVINCE_NAME: 128,
    NameOID.LOCALITY_NAME: 128,
    NameOID.ORGANIZATION_NAME: 64,
    NameOID.ORGANIZATIONAL_UNIT_NAME: 64,
    NameOID.ORGANIZATION_IDENTIFIER: 64,
    NameOID.COMMON_NAME: 64,
    NameOID.USER_ID: 256,
}

# The bound of a common name is kept in octets of UTF-8 too: some readers count
# those, among them the library this CA is built on.
_COMMON_NAME_OCTETS = 64

# ETSI EN 319 412-1, section 5.1.4: identity type (national trade register),
# country, hyphen, number.
_CREDIT_CODE_PREFIX = "NTRCN-"
_ELLIPSIS = "\u2026"


@dataclass(frozen=True)
class Subject:
    """The attributes that a certificate's subject has beside its profile's defaults."""

    common_name: str
    user_id: str | None = None
    organization: str | None = None
    organization_identifier: str | None = None

    @classmethod
    def of_unit(cls, *, username: str, name: str, credit_code: str) -> "Subject":
        """Return the subject of an employer."""
        shown = _printable(name) or username
        return cls(
            common_name=_display_name(shown, username),
            user_id=username,
            organization=_shorten(shown, UPPER_BOUNDS[NameOID.ORGANIZATION_NAME]),
            organization_identifier=_CREDIT_CODE_PREFIX + credit_code,
        )

    @classmethod
    def of_person(cls, *, username: str, name: str) -> "Subject":
        """Return the subject of an officer or an insured person."""
        shown = _printable(name) or username
        return cls(common_name=_display_name(shown, username), user_id=username)

    def name(self, defaults: Sequence[x509.NameAttribute[str]] = ()) -> x509.Name:
        """Return the name; raises `SubjectRefused` when a value does not fit."""
        own = self._attributes()
        return x509.Name(
            [
                *(item for item in defaults if item.oid not in own),
                *(x509.NameAttribute(oid, value) for oid, value in own.items()),
            ]
        )

    def written(self, defaults: Sequence[x509.NameAttribute[str]] = ()) -> WrittenName:
        """Return what `name` would be, encoded and in words; raises `SubjectRefused`."""
        own = self._attributes()
        return write_name(
            [
                *(write_default(item) for item in defaults if item.oid not in own),
                *(write_attribute(oid, value) for oid, value in own.items()),
            ]
        )

    def _attributes(self) -> dict[x509.ObjectIdentifier, str]:
        given = (
            (NameOID.ORGANIZATION_NAME, self.organization),
            (NameOID.ORGANIZATION_IDENTIFIER, self.organization_identifier),
            (NameOID.COMMON_NAME, self.common_name),
            (NameOID.USER_ID, self.user_id),
        )
        own = {oid: value for oid, value in given if value is not None}
        for oid, value in own.items():
            _require_fitting(oid, value)
        return own


def _require_fitting(oid: x509.ObjectIdentifier, value: str) -> None:
    limit = UPPER_BOUNDS[oid]
    too_long = len(value) > limit or (
        oid == NameOID.COMMON_NAME and _octets(value) > _COMMON_NAME_OCTETS
    )
    if too_long or not value.strip() or not value.isprintable():
        raise SubjectRefused(oid._name, limit)


def _display_name(name: str, username: str) -> str:
    # The username tells two certificates of like names apart. Its parentheses
    # also keep a unit called "example.com" from looking like a host name, which
    # OpenSSL would hold against the name constraints of the issuing CA.
    suffix = f" ({username})"
    return _shorten_octets(name, _COMMON_NAME_OCTETS - _octets(suffix)) + suffix


def _printable(name: str) -> str:
    """Return the name with plain single spaces and without invisible characters.

    A registered name may hold ideographic spaces or a zero-width character that
    was copied along; its owner must not be kept from a certificate by them.
    """
    visible = "".join(each for each in name if each.isprintable() or each.isspace())
    return " ".join(visible.split())


def _shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + _ELLIPSIS


def _shorten_octets(text: str, limit: int) -> str:
    if _octets(text) <= limit:
        return text
    kept = text.encode()[: max(0, limit - _octets(_ELLIPSIS))]
    return kept.decode(errors="ignore") + _ELLIPSIS


def _octets(text: str) -> int:
    return len(text.encode())
