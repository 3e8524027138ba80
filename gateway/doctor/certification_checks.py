"""Keys that open, certificates that last, CRLs that are fresh."""

from collections.abc import Iterator
from datetime import timedelta

from ca.authority import Authority
from ca.crl import find_crl
from ca.lifetimes import needs_renewal
from ca.models import AuthorityName
from gateway.composition.house import House
from gateway.doctor.finding import Finding

_ISSUERS: tuple[AuthorityName, ...] = ("root", "issuing")


def check_keys(house: House) -> Iterator[Finding]:
    """The key of each authority opens and belongs to its certificate."""
    hierarchy = house.certification.hierarchy
    for authority in (hierarchy.root, *hierarchy.issuers.values()):
        facts: dict[str, str | int] = {"name": authority.name}
        if not isinstance(authority, Authority):
            yield Finding("keys", "note", "offline", facts)
        elif authority.signer.public_key != authority.certificate.public_key():
            yield Finding("keys", "wrong", "foreign", facts)
        else:
            yield Finding("keys", "good", "open", facts)


def check_service_certificates(house: House) -> Iterator[Finding]:
    """Server and OCSP certificates are not near their end."""
    hierarchy = house.certification.hierarchy
    now = house.ground.clock.now()
    for name, certificate in (
        ("server", hierarchy.server.certificate),
        *(
            (f"ocsp of {name}", signer.certificate)
            for name, signer in hierarchy.ocsp_signers.items()
        ),
    ):
        days = (certificate.not_valid_after_utc - now) // timedelta(days=1)
        facts: dict[str, str | int] = {"name": name, "days": days}
        if needs_renewal(certificate, now):
            yield Finding("service_certificates", "wrong", "due", facts)
        else:
            yield Finding("service_certificates", "good", "fresh", facts)


def check_crls(house: House) -> Iterator[Finding]:
    """Each CRL exists and has at least a third of its validity left."""
    now = house.ground.clock.now()
    with house.database.reading() as session:
        found = [(issuer, find_crl(session, issuer)) for issuer in _ISSUERS]
    for issuer, crl in found:
        if crl is None:
            yield Finding("crl", "wrong", "missing", {"name": issuer})
            continue
        left = crl.next_update - now
        facts: dict[str, str | int] = {"name": issuer, "hours": left // timedelta(hours=1)}
        if left < (crl.next_update - crl.this_update) / 3:
            yield Finding("crl", "wrong", "stale", facts)
        else:
            yield Finding("crl", "good", "fresh", facts)
