"""Changes of drafts, one thing at a time, for tests of the linter."""

from dataclasses import replace

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from ca.names.subject import Subject
from ca.profiles import Variant
from tests.support.certification import PKI_URL, SERVER_NAMES
from tests.support.drafts import (
    DraftContent,
    authority,
    draft_end_entity,
)

ROOT = authority("root")
ISSUING = authority("issuing")

_UNIT_NAME = (
    ("country", NameOID.COUNTRY_NAME, "CN"),
    ("organization", NameOID.ORGANIZATION_NAME, "Example"),
    ("identifier", NameOID.ORGANIZATION_IDENTIFIER, "NTRCN-91420100MA4KXYZ12X"),
    ("common_name", NameOID.COMMON_NAME, "Example (wh000123)"),
    ("user_id", NameOID.USER_ID, "wh000123"),
)


def given(value: x509.ExtensionType, *, critical: bool | None = None) -> DraftContent:
    """A unit's draft with another value of an extension, which its profile asks for."""
    return draft_end_entity().but_extension(value, critical=critical).of_its_profile()


def key_usage(**bits: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
        "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: bits.get(name, False) for name in names})


def of_key(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> DraftContent:
    return draft_end_entity().with_key(key)


def named(**changes: str | None) -> DraftContent:
    """A unit's draft whose subject has attributes changed, or left out for None."""
    attributes = [
        x509.NameAttribute(oid, value, _validate=False)
        for name, oid, usual in _UNIT_NAME
        if (value := changes.get(name, usual)) is not None
    ]
    return draft_end_entity().but(subject=x509.Name(attributes))


def with_attribute(attribute: x509.NameAttribute[str]) -> DraftContent:
    draft = named()
    return draft.but(subject=x509.Name([*draft.content.subject, attribute]))


def typed(kind: _ASN1Type, oid: x509.ObjectIdentifier, value: str) -> DraftContent:
    attributes = [
        x509.NameAttribute(one, value, _type=kind, _validate=False)
        if one == oid
        else x509.NameAttribute(one, other)
        for _, one, other in _UNIT_NAME
    ]
    return draft_end_entity().but(subject=x509.Name(attributes))


def served(*names: x509.GeneralName, common_name: str = SERVER_NAMES[0]) -> DraftContent:
    draft = draft_end_entity("server", subject=Subject(common_name))
    return draft.but_extension(x509.SubjectAlternativeName(names)).of_its_profile()


def pointing(url: str) -> DraftContent:
    pointers = x509.AuthorityInformationAccess(
        [
            access(AuthorityInformationAccessOID.OCSP, url),
            access(AuthorityInformationAccessOID.CA_ISSUERS, f"{PKI_URL}/ca/issuing.cer"),
        ]
    )
    return given(pointers)


def listed(*points: x509.DistributionPoint) -> DraftContent:
    return given(x509.CRLDistributionPoints(points))


def crl_at(path: str, **more: object) -> x509.DistributionPoint:
    name = x509.UniformResourceIdentifier(PKI_URL + path)
    fields = {"relative_name": None, "reasons": None, "crl_issuer": None, **more}
    return x509.DistributionPoint([name], **fields)  # type: ignore[arg-type]


def sharded() -> DraftContent:
    """A unit's draft in part 7 of the CRL that points at the full one."""
    draft = draft_end_entity()
    return replace(draft, profile=replace(draft.profile, variant=Variant("issuing", 7)))


def access(method: x509.ObjectIdentifier, url: str) -> x509.AccessDescription:
    return x509.AccessDescription(method, x509.UniformResourceIdentifier(url))


def key_in(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


def generated(curve: ec.EllipticCurve) -> ec.EllipticCurvePublicKey:
    return ec.generate_private_key(curve).public_key()


def identifier_of(certificate: x509.Certificate) -> bytes:
    return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest


def reversed_extensions(draft: DraftContent) -> DraftContent:
    return draft.but(extensions=list(reversed(draft.content.extensions)))


def served_also(name: str) -> DraftContent:
    return served(x509.DNSName(SERVER_NAMES[0]), x509.DNSName(name))
