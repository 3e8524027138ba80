"""Extensions in words (RFC 5280 section 4.2)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cryptography import x509

_KEY_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
    "key_agreement", "key_cert_sign", "crl_sign",
)  # fmt: skip


def name_of(extension: x509.Extension[x509.ExtensionType]) -> str:
    """Return the extension's name in RFC 5280, or its number."""
    name = extension.oid._name
    return extension.oid.dotted_string if name == "Unknown OID" else name


def text_of(value: x509.ExtensionType) -> str:
    """Return an extension's value on one line; one that is not known here as hex."""
    describe = _DESCRIPTIONS.get(type(value))
    return describe(value) if describe is not None else value.public_bytes().hex(":")


def _basic_constraints(value: x509.BasicConstraints) -> str:
    if not value.ca:
        return "CA: false"
    limit = "" if value.path_length is None else f", path length {value.path_length}"
    return "CA: true" + limit


def _key_usage(value: x509.KeyUsage) -> str:
    # encipher_only and decipher_only may only be read beside key_agreement.
    return ", ".join(name for name in _KEY_USAGES if getattr(value, name))


def _distribution_points(value: x509.CRLDistributionPoints) -> str:
    return _names(name for point in value for name in point.full_name or ())


def _access(value: x509.AuthorityInformationAccess) -> str:
    return ", ".join(f"{item.access_method._name}: {item.access_location.value}" for item in value)


def _name_constraints(value: x509.NameConstraints) -> str:
    parts = {"permitted": value.permitted_subtrees, "excluded": value.excluded_subtrees}
    return "; ".join(f"{side}: {_names(names)}" for side, names in parts.items() if names)


def _authority_key(value: x509.AuthorityKeyIdentifier) -> str:
    return value.key_identifier.hex(":") if value.key_identifier is not None else ""


def _names(names: Iterable[x509.GeneralName]) -> str:
    return ", ".join(str(name.value) for name in names)


_DESCRIPTIONS: Mapping[type[x509.ExtensionType], Callable[[Any], str]] = {
    x509.BasicConstraints: _basic_constraints,
    x509.KeyUsage: _key_usage,
    x509.ExtendedKeyUsage: lambda value: ", ".join(usage._name for usage in value),
    x509.SubjectAlternativeName: _names,
    x509.SubjectKeyIdentifier: lambda value: value.digest.hex(":"),
    x509.AuthorityKeyIdentifier: _authority_key,
    x509.CRLDistributionPoints: _distribution_points,
    x509.AuthorityInformationAccess: _access,
    x509.NameConstraints: _name_constraints,
    x509.OCSPNoCheck: lambda _: "yes",
}
