"""Rules about the subject (RFC 5280 section 4.1.2.6)."""

import re
from collections.abc import Mapping

from cryptography import x509
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from ca.linting.draft import Draft, Rule
from ca.linting.host_names import is_host_name
from ca.models import ProfileName
from ca.names.subject import UPPER_BOUNDS

_COUNTRY = re.compile("[A-Z]{2}")
_STRINGS = (_ASN1Type.UTF8String, _ASN1Type.PrintableString)

# What the subject of a kind must have. The user id is what the gateway finds a
# subscriber by: without it, or with a second one, a certificate is somebody else's.
_REQUIRED: Mapping[ProfileName, frozenset[x509.ObjectIdentifier]] = {
    "root": frozenset({NameOID.COMMON_NAME}),
    "issuing": frozenset({NameOID.COMMON_NAME}),
    "server": frozenset({NameOID.COMMON_NAME}),
    "ocsp": frozenset({NameOID.COMMON_NAME}),
    "edge": frozenset({NameOID.COMMON_NAME}),
    "unit": frozenset(
        {
            NameOID.COMMON_NAME,
            NameOID.USER_ID,
            NameOID.ORGANIZATION_NAME,
            NameOID.ORGANIZATION_IDENTIFIER,
        }
    ),
    "officer": frozenset({NameOID.COMMON_NAME, NameOID.USER_ID}),
    "person": frozenset({NameOID.COMMON_NAME, NameOID.USER_ID}),
}


def subject_is_not_empty(draft: Draft) -> str | None:
    """A CA's MUST NOT be empty (4.1.2.6); ours never is."""
    return None if draft.subject else "the subject is empty"


def subject_is_not_the_issuer(draft: Draft) -> str | None:
    """Only the root is self-issued (section 3.2)."""
    if draft.issuer is not None and draft.octets.subject == draft.issuer.subject_octets:
        return "the subject is the issuer"
    return None


def subject_says_who_it_is(draft: Draft) -> str | None:
    """The attributes that tell subscribers apart are there (section 4.1.2.6, X.500)."""
    if draft.subject and not _REQUIRED[draft.kind] <= {oid for oid, _, _ in draft.subject}:
        return "an attribute that the profile's subjects have is missing"
    return None


def subject_attributes_fit(draft: Draft) -> str | None:
    """Known, within their bounds (appendix A.1), one per RDN and none twice (4.1.2.6)."""
    if draft.subject_facts.rdns != len({oid for oid, _, _ in draft.subject}):
        return "an attribute of the subject appears twice or shares an RDN"
    for oid, value, _ in draft.subject:
        if oid == NameOID.COUNTRY_NAME:
            fits = _COUNTRY.fullmatch(value) is not None
        else:
            fits = 0 < len(value) <= UPPER_BOUNDS.get(oid, 0)
        if not fits:
            return f"{oid._name} is not known, empty or too long"
    return None


def subject_strings_are_of_today(draft: Draft) -> str | None:
    """UTF8String, or PrintableString, which a country must be (4.1.2.4, 4.1.2.6, appendix A.1)."""
    for oid, _, kind in draft.subject:
        if kind not in _STRINGS:
            return f"{oid._name} is in a string type that is given up"
        if oid == NameOID.COUNTRY_NAME and kind is not _ASN1Type.PrintableString:
            return "the country is no PrintableString"
    return None


def subject_shows_what_it_is(draft: Draft) -> str | None:
    """No control, bidirectional or invisible characters (section 8, RFC 4518 section 2).

    They make one name look like another to the officer who reads it.
    """
    for oid, value, _ in draft.subject:
        if not value.isprintable() or value != value.strip() or "  " in value:
            return f"{oid._name} has characters that do not show"
    return None


def common_name_is_not_a_host_name(draft: Draft) -> str | None:
    """A client called like a host would fail the constraints (4.2.1.10) in OpenSSL.

    OpenSSL takes the common name of a leaf without dNSName for a host name when
    it looks like one, and so would every verifier built on it.
    """
    if draft.is_authority or draft.kind == "server":
        return None
    for oid, value, _ in draft.subject:
        if oid == NameOID.COMMON_NAME and "." in value and is_host_name(value):
            return "the common name looks like a host name"
    return None


def server_common_name_is_one_of_its_names(draft: Draft) -> str | None:
    """Old clients look at the common name, new ones do not (RFC 9525 section 2, BR 7.1.4.3)."""
    names = draft.extension(x509.SubjectAlternativeName) if draft.kind == "server" else None
    if names is None:
        return None
    listed = {str(name.value).lower() for name in names.value}
    for oid, value, _ in draft.subject:
        if oid == NameOID.COMMON_NAME and value.lower() not in listed:
            return "the common name is none of the server's names"
    return None


NAME_RULES: tuple[Rule, ...] = (
    subject_is_not_empty,
    subject_is_not_the_issuer,
    subject_says_who_it_is,
    subject_attributes_fit,
    subject_strings_are_of_today,
    subject_shows_what_it_is,
    common_name_is_not_a_host_name,
    server_common_name_is_one_of_its_names,
)
