"""Distinguished names for people: one attribute a line, in their order (RFC 5280, 4.1.2.4)."""

from dataclasses import dataclass

from cryptography import x509

# ITU-T X.520 (10/2019); the library knows it by its number only.
_ORGANIZATION_IDENTIFIER = x509.ObjectIdentifier("2.5.4.97")


@dataclass(frozen=True)
class NameAttribute:
    """One attribute: its name in RFC 4519, or its number, and its value."""

    name: str
    value: str


def attributes_of(name: x509.Name) -> tuple[NameAttribute, ...]:
    """Return the attributes of a name."""
    return tuple(NameAttribute(_label(attribute), str(attribute.value)) for attribute in name)


def _label(attribute: x509.NameAttribute[str | bytes]) -> str:
    if attribute.oid == _ORGANIZATION_IDENTIFIER:
        return "organizationIdentifier"
    label = attribute.oid._name
    return attribute.oid.dotted_string if label == "Unknown OID" else label
