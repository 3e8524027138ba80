"""Rules about what a certificate points at (RFC 5280 sections 4.2.1.13 and 4.2.2.1)."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from ca.linting.draft import Draft, Rule


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


def one_whole_crl_is_named(draft: Draft) -> str | None:
    """One point, one address, all reasons, the issuer's own (sections 4.2.1.13, 6.3.3 b).

    A relying party that finds another cRLIssuer, or only some reasons, has to
    look further, and most do not.
    """
    points = draft.extension(x509.CRLDistributionPoints)
    if points is None:
        return None
    if len(points.value) != 1:
        return "not exactly one CRL is named"
    point = points.value[0]
    if point.reasons is not None or point.crl_issuer is not None or len(point.full_name or ()) != 1:
        return "the CRL is not one, not for all reasons, or not the issuer's"
    return None


def crl_is_the_shards(draft: Draft) -> str | None:
    """The CRL of this issuer, and the part of it that would list the number (5.2.5, 6.3.3 b 2).

    One that points at another part would stay good for ever.
    """
    points = draft.extension(x509.CRLDistributionPoints)
    if points is None or draft.issuer is None:
        return None
    variant = draft.profile.variant
    crl = variant.issuer if variant.crl_shard is None else f"{variant.issuer}/{variant.crl_shard}"
    if draft.kind == "issuing":
        crl = "root"
    addresses = [str(name.value) for point in points.value for name in point.full_name or ()]
    if not all(address.endswith(f"/crl/{crl}.crl") for address in addresses):
        return f"the CRL named is not that of {crl}"
    return None


def status_and_issuer_can_be_fetched(draft: Draft) -> str | None:
    """One OCSP responder and one copy of the issuer for what can be revoked (section 4.2.2.1)."""
    access = draft.extension(x509.AuthorityInformationAccess)
    if draft.is_authority or draft.kind == "ocsp":
        return None
    methods = [item.access_method for item in access.value] if access is not None else []
    if sorted(methods, key=lambda oid: oid.dotted_string) != [
        AuthorityInformationAccessOID.OCSP,
        AuthorityInformationAccessOID.CA_ISSUERS,
    ]:
        return "not exactly one OCSP responder and one issuer certificate are named"
    return None


def pointers_are_plain_http(draft: Draft) -> str | None:
    """HTTP URIs with a host (4.2.1.6, 4.2.1.13, 4.2.2.1); over TLS they could need themselves."""
    for location in _locations(draft):
        address = str(location.value)
        if not isinstance(location, x509.UniformResourceIdentifier) or not _is_plain(address):
            return f"{address!r} is not plain HTTP"
    return None


def _locations(draft: Draft) -> Iterator[x509.GeneralName]:
    if points := draft.extension(x509.CRLDistributionPoints):
        for point in points.value:
            yield from point.full_name or ()
    if access := draft.extension(x509.AuthorityInformationAccess):
        for description in access.value:
            yield description.access_location


def _is_plain(address: str) -> bool:
    # Credentials, a query or a fragment have no business in a certificate that
    # everybody reads and keeps for years.
    if not address.startswith("http://") or not address.isascii() or not address.isprintable():
        return False
    parts = urlsplit(address)
    return bool(parts.hostname) and "@" not in parts.netloc and not parts.query + parts.fragment


POINTER_RULES: tuple[Rule, ...] = (
    revocation_can_be_asked,
    one_whole_crl_is_named,
    crl_is_the_shards,
    status_and_issuer_can_be_fetched,
    pointers_are_plain_http,
)
