"""The certificate extensions a profile may ask for, and how each is built.

One reader per name of x509v3_config(5). A reader checks the text when the
profile is loaded, so a mistake stops the start and never an issuance; what
depends on keys (RFC 5280 sections 4.2.1.1, 4.2.1.2) is made per certificate.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from ca.errors import ProfileError
from ca.key_types import CaPublicKey
from ca.profiles.general_names import read_general_name, read_subtree

Value = TypeVar("Value")


@dataclass(frozen=True)
class Keys:
    """The keys a certificate is about: its own and its issuer's certificate.

    `issuer` is None for a self-signed root.
    """

    public_key: CaPublicKey
    issuer: x509.Certificate | None


MakeExtension = Callable[[Keys], x509.ExtensionType]
ReadItems = Callable[[Sequence[str]], MakeExtension]


@dataclass(frozen=True)
class ExtensionTemplate:
    """One line of a profile."""

    name: str
    critical: bool
    make: MakeExtension


def read_extension(name: str, value: str) -> ExtensionTemplate:
    """Read ``name = [critical,] item, item``; raises `ProfileError` on anything unknown."""
    reader = _READERS.get(name)
    if reader is None:
        raise ProfileError(f"extension {name} is not known")
    items = [item.strip() for item in value.split(",")]
    critical = items[0] == "critical"
    if critical:
        del items[0]
    if not items or not all(items):
        raise ProfileError(f"{name} has an empty item")
    try:
        return ExtensionTemplate(name, critical, reader(items))
    except ValueError as problem:
        raise ProfileError(f"{name}: {problem}") from problem


def _fixed(value: x509.ExtensionType) -> MakeExtension:
    return lambda _: value


def _basic_constraints(items: Sequence[str]) -> MakeExtension:
    settings = _settings(items, {"CA", "pathlen"})
    ca = {"TRUE": True, "FALSE": False}.get(settings.get("CA", ""))
    if ca is None:
        raise ProfileError("CA is neither TRUE nor FALSE")
    length = int(settings["pathlen"]) if "pathlen" in settings else None
    return _fixed(x509.BasicConstraints(ca=ca, path_length=length))


_KEY_USAGES = {
    "digitalSignature": "digital_signature",
    "nonRepudiation": "content_commitment",
    "keyEncipherment": "key_encipherment",
    "dataEncipherment": "data_encipherment",
    "keyAgreement": "key_agreement",
    "keyCertSign": "key_cert_sign",
    "cRLSign": "crl_sign",
    "encipherOnly": "encipher_only",
    "decipherOnly": "decipher_only",
}


def _key_usage(items: Sequence[str]) -> MakeExtension:
    wanted = {_known(_KEY_USAGES, item) for item in items}
    return _fixed(x509.KeyUsage(**{bit: bit in wanted for bit in _KEY_USAGES.values()}))


# anyExtendedKeyUsage is left out on purpose: it would allow everything.
_EXTENDED_KEY_USAGES = {
    "clientAuth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "serverAuth": ExtendedKeyUsageOID.SERVER_AUTH,
    "OCSPSigning": ExtendedKeyUsageOID.OCSP_SIGNING,
}


def _extended_key_usage(items: Sequence[str]) -> MakeExtension:
    return _fixed(x509.ExtendedKeyUsage([_known(_EXTENDED_KEY_USAGES, item) for item in items]))


def _subject_key_identifier(items: Sequence[str]) -> MakeExtension:
    _only(items, "hash")
    return lambda keys: x509.SubjectKeyIdentifier.from_public_key(keys.public_key)


def _authority_key_identifier(items: Sequence[str]) -> MakeExtension:
    _only(items, "keyid:always")
    return _issuer_key_identifier


def _issuer_key_identifier(keys: Keys) -> x509.ExtensionType:
    if keys.issuer is None:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(keys.public_key)
    identifier = keys.issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier.value)


def _crl_distribution_points(items: Sequence[str]) -> MakeExtension:
    points = [
        x509.DistributionPoint([read_general_name(item, {"URI"})], None, None, None)
        for item in items
    ]
    return _fixed(x509.CRLDistributionPoints(points))


_ACCESS_METHODS = {
    "OCSP": AuthorityInformationAccessOID.OCSP,
    "caIssuers": AuthorityInformationAccessOID.CA_ISSUERS,
}


def _authority_info_access(items: Sequence[str]) -> MakeExtension:
    descriptions = []
    for item in items:
        method, _, location = item.partition(";")
        descriptions.append(
            x509.AccessDescription(
                _known(_ACCESS_METHODS, method), read_general_name(location, {"URI"})
            )
        )
    return _fixed(x509.AuthorityInformationAccess(descriptions))


def _subject_alternative_name(items: Sequence[str]) -> MakeExtension:
    names = [read_general_name(item, {"DNS", "IP"}) for item in items]
    return _fixed(x509.SubjectAlternativeName(names))


def _name_constraints(items: Sequence[str]) -> MakeExtension:
    trees: dict[str, list[x509.GeneralName]] = {"permitted": [], "excluded": []}
    for item in items:
        kind, _, base = item.partition(";")
        _known(trees, kind).append(read_subtree(base))
    return _fixed(x509.NameConstraints(trees["permitted"] or None, trees["excluded"] or None))


def _no_check(items: Sequence[str]) -> MakeExtension:
    _only(items, "ignored")
    return _fixed(x509.OCSPNoCheck())


def _settings(items: Sequence[str], names: set[str]) -> dict[str, str]:
    settings = dict(item.split(":", 1) for item in items)
    if len(settings) != len(items) or not settings.keys() <= names:
        raise ProfileError(f"only {', '.join(sorted(names))}, each once")
    return settings


def _only(items: Sequence[str], allowed: str) -> None:
    if list(items) != [allowed]:
        raise ProfileError(f"only {allowed!r} is supported")


def _known(table: Mapping[str, Value], name: str) -> Value:
    if name not in table:
        raise ProfileError(f"{name!r} is not known")
    return table[name]


_READERS: Mapping[str, ReadItems] = {
    "basicConstraints": _basic_constraints,
    "keyUsage": _key_usage,
    "extendedKeyUsage": _extended_key_usage,
    "subjectKeyIdentifier": _subject_key_identifier,
    "authorityKeyIdentifier": _authority_key_identifier,
    "crlDistributionPoints": _crl_distribution_points,
    "authorityInfoAccess": _authority_info_access,
    "subjectAltName": _subject_alternative_name,
    "nameConstraints": _name_constraints,
    "noCheck": _no_check,
}
