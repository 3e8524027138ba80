"""Rules about extensions (RFC 5280 section 4.2): who may do what, and with which key."""

from collections.abc import Mapping

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca.encoding.key_identifiers import key_identifier
from ca.linting.draft import Draft, Rule
from ca.linting.octets import key_bits
from ca.models import ProfileName

_PURPOSES: Mapping[ProfileName, x509.ObjectIdentifier] = {
    "server": ExtendedKeyUsageOID.SERVER_AUTH,
    "ocsp": ExtendedKeyUsageOID.OCSP_SIGNING,
    "edge": ExtendedKeyUsageOID.CLIENT_AUTH,
    "unit": ExtendedKeyUsageOID.CLIENT_AUTH,
    "officer": ExtendedKeyUsageOID.CLIENT_AUTH,
    "person": ExtendedKeyUsageOID.CLIENT_AUTH,
}

# Section 4.2: what MUST or SHOULD be critical, and what MUST NOT.
_CRITICAL = (x509.BasicConstraints, x509.KeyUsage, x509.NameConstraints)
_NOT_CRITICAL = (
    x509.SubjectKeyIdentifier,
    x509.AuthorityKeyIdentifier,
    x509.CRLDistributionPoints,
    x509.AuthorityInformationAccess,
)


def extensions_are_known(draft: Draft) -> str | None:
    """Whoever does not know a critical extension MUST refuse the certificate (section 4.2)."""
    for extension in draft.extensions.values():
        if isinstance(extension.value, x509.UnrecognizedExtension):
            return f"the extension {extension.oid.dotted_string} is not known"
    return None


def criticality_is_right(draft: Draft) -> str | None:
    """Sections 4.2.1.1, 4.2.1.2, 4.2.1.3, 4.2.1.9, 4.2.1.10, 4.2.1.13 and 4.2.2.1."""
    for extension in draft.extensions.values():
        if isinstance(extension.value, _CRITICAL) and not extension.critical:
            return f"{extension.oid._name} is not critical"
        if isinstance(extension.value, _NOT_CRITICAL) and extension.critical:
            return f"{extension.oid._name} is critical"
    return None


def basic_constraints_fit(draft: Draft) -> str | None:
    """A CA says so, nothing else does; the issuing CA allows no CA below it (4.2.1.9)."""
    constraints = draft.extension(x509.BasicConstraints)
    if constraints is None:
        return "there are no basic constraints"
    if constraints.value.ca != draft.is_authority:
        return "the certificate is a CA's or not, against its profile"
    if draft.kind == "issuing" and constraints.value.path_length != 0:
        return "the issuing CA may have CAs below it"
    return None


def key_usage_fits(draft: Draft) -> str | None:
    """A CA signs certificates and CRLs, an end entity handshakes or answers (section 4.2.1.3).

    Nothing else: no other bit goes with all of EC keys (RFC 5480 section 3),
    Ed25519 (RFC 8410 section 5) and ML-DSA (RFC 9881 section 5).
    """
    usage = draft.extension(x509.KeyUsage)
    if usage is None:
        return "there is no key usage"
    if usage.value != (_CA_USAGE if draft.is_authority else _END_ENTITY_USAGE):
        return "the key may be used for more or for less than its profile's acts"
    return None


def extended_key_usage_is_the_one_purpose(draft: Draft) -> str | None:
    """One purpose for each end-entity profile and never anyExtendedKeyUsage (4.2.1.12)."""
    purposes = draft.extension(x509.ExtendedKeyUsage)
    if draft.is_authority:
        return "a CA has an extended key usage" if purposes is not None else None
    if purposes is None or list(purposes.value) != [_PURPOSES[draft.kind]]:
        return "the purpose is not exactly that of the profile"
    return None


def subject_key_identifier_is_of_the_key(draft: Draft) -> str | None:
    """MUST be in CA certificates, SHOULD be in others (4.2.1.2, method 1)."""
    identifier = draft.extension(x509.SubjectKeyIdentifier)
    wanted = key_identifier(key_bits(draft.octets.subject_public_key_info))
    if identifier is None or identifier.value.digest != wanted:
        return "the subject key identifier is missing or not of this key"
    return None


def authority_key_identifier_is_the_issuers(draft: Draft) -> str | None:
    """MUST be there unless self-signed, equal to the issuer's identifier (4.2.1.1).

    Without issuer and serial number: they would tie the certificate to one of
    the certificates of the issuer's key.
    """
    identifier = draft.extension(x509.AuthorityKeyIdentifier)
    if draft.issuer is None:
        return None
    if identifier is None or identifier.value.key_identifier != draft.issuer.key_identifier:
        return "the authority key identifier is missing or not the issuer's"
    if identifier.value.authority_cert_issuer is not None:
        return "the authority key identifier names one certificate of the issuer"
    return None


def name_constraints_are_the_issuing_cas(draft: Draft) -> str | None:
    """In CA certificates only (section 4.2.1.10), and the issuing CA is confined by them."""
    constraints = draft.extension(x509.NameConstraints)
    if draft.kind != "issuing":
        return "only the issuing CA has name constraints" if constraints is not None else None
    if constraints is None or not constraints.value.permitted_subtrees:
        return "the issuing CA is not confined to any names"
    return None


def _usage(**bits: bool) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: bits.get(name, False) for name in names})


_CA_USAGE = _usage(key_cert_sign=True, crl_sign=True)
_END_ENTITY_USAGE = _usage(digital_signature=True)

EXTENSION_RULES: tuple[Rule, ...] = (
    extensions_are_known,
    criticality_is_right,
    basic_constraints_fit,
    key_usage_fits,
    extended_key_usage_is_the_one_purpose,
    subject_key_identifier_is_of_the_key,
    authority_key_identifier_is_the_issuers,
    name_constraints_are_the_issuing_cas,
)
