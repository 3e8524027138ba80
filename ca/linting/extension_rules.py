"""Rules about extensions (RFC 5280 section 4.2)."""

from collections.abc import Mapping

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca.extensions import Keys
from ca.keys.algorithms import accept_authority_key
from ca.linting.draft import Draft, Rule
from ca.models import ProfileName

_PURPOSES: Mapping[ProfileName, x509.ObjectIdentifier] = {
    "server": ExtendedKeyUsageOID.SERVER_AUTH,
    "ocsp": ExtendedKeyUsageOID.OCSP_SIGNING,
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


def extensions_are_the_profiles(draft: Draft) -> str | None:
    """Nothing less and nothing more than the profile's section lists (section 4.2)."""
    public_key = accept_authority_key(draft.certificate.public_key())
    wanted = draft.profile.extensions(Keys(public_key, draft.issuer))
    found = {(item.oid, item.critical) for item in draft.certificate.extensions}
    if found != {(value.oid, critical) for value, critical in wanted}:
        return "the extensions are not those of the profile"
    return None


def criticality_is_right(draft: Draft) -> str | None:
    """Sections 4.2.1.1, 4.2.1.2, 4.2.1.3, 4.2.1.9, 4.2.1.10, 4.2.1.13 and 4.2.2.1."""
    for extension in draft.certificate.extensions:
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
    """The bit keyCertSign only with CA:TRUE (4.2.1.3, 4.2.1.9); others only sign."""
    usage = draft.extension(x509.KeyUsage)
    if usage is None:
        return "there is no key usage"
    signs_pki_objects = (usage.value.key_cert_sign, usage.value.crl_sign)
    if draft.is_authority:
        return None if all(signs_pki_objects) else "the CA could not sign certificates and CRLs"
    if any(signs_pki_objects) or not usage.value.digital_signature:
        return "an end entity signs handshakes or answers, never certificates or CRLs"
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
    key = draft.certificate.public_key()
    if identifier is None or identifier.value != x509.SubjectKeyIdentifier.from_public_key(key):
        return "the subject key identifier is missing or not of this key"
    return None


def authority_key_identifier_is_the_issuers(draft: Draft) -> str | None:
    """MUST be there unless self-signed, equal to the issuer's identifier (4.2.1.1)."""
    identifier = draft.extension(x509.AuthorityKeyIdentifier)
    if draft.issuer is None:
        return None
    issuers = draft.issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    if identifier is None or identifier.value.key_identifier != issuers.value.digest:
        return "the authority key identifier is missing or not the issuer's"
    return None


def revocation_can_be_asked(draft: Draft) -> str | None:
    """A CRL is named (4.2.1.13), or the responder is exempt (RFC 6960 4.2.2.2.1)."""
    exempt = draft.extension(x509.OCSPNoCheck) is not None
    if draft.kind == "ocsp":
        return None if exempt else "the OCSP signer lacks id-pkix-ocsp-nocheck"
    if exempt:
        return "only an OCSP signer is exempt from revocation"
    if draft.issuer is not None and draft.extension(x509.CRLDistributionPoints) is None:
        return "no CRL is named"
    return None


def pointers_are_plain_http(draft: Draft) -> str | None:
    """HTTP URIs in pointers (4.2.1.13, 4.2.2.1); over TLS they could need themselves."""
    locations: list[x509.GeneralName] = []
    if points := draft.extension(x509.CRLDistributionPoints):
        locations += [name for point in points.value for name in point.full_name or ()]
    if access := draft.extension(x509.AuthorityInformationAccess):
        locations += [description.access_location for description in access.value]
    for location in locations:
        if not str(location.value).startswith("http://"):
            return f"{location.value} is not plain HTTP"
    return None


EXTENSION_RULES: tuple[Rule, ...] = (
    extensions_are_the_profiles,
    criticality_is_right,
    basic_constraints_fit,
    key_usage_fits,
    extended_key_usage_is_the_one_purpose,
    subject_key_identifier_is_of_the_key,
    authority_key_identifier_is_the_issuers,
    revocation_can_be_asked,
    pointers_are_plain_http,
)
