"""Keys that open, certificates that last, CRLs that are fresh."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from ca.authorities import Authority
from ca.crl.freshness import Freshness, count_overdue, find_freshness, scopes_of
from ca.profiles.lifetimes import needs_renewal
from gateway.composition.house import House
from gateway.doctor.finding import Finding

# Of many CRLs that are wrong for the same reason.
_SHOWN = 3


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
    """Each CRL exists, shards and delta too, and has more left than the alarm of the policy."""
    hierarchy, rules = house.certification.hierarchy, house.ground.parameters.certificates
    now = house.ground.clock.now()
    for authority in (hierarchy.root, *hierarchy.issuers.values()):
        if authority.certificate.not_valid_after_utc <= now:
            continue
        scopes = scopes_of(authority.name, hierarchy.root.name, rules.crl_shards)
        with house.database.reading() as session:
            found = find_freshness(session, authority.name, scopes, now)
            overdue = count_overdue(session, authority.name)
        if overdue:
            yield Finding("crl", "wrong", "overdue", {"name": authority.name, "count": overdue})
        yield from _judge_crls(authority.name, found, rules.crl_alarm)


def _judge_crls(issuer: str, found: Sequence[Freshness], alarm: timedelta) -> Iterator[Finding]:
    # An offline root's CRL lives for months, and the next one takes a ceremony.
    alarming = [crl for crl in found if crl.alarms(max(alarm, crl.validity / 6))]
    for crl in alarming[:_SHOWN]:
        if crl.left is None:
            yield Finding("crl", "wrong", "missing", {"name": crl.name})
        else:
            yield Finding("crl", "wrong", "stale", {"name": crl.name, "hours": _hours(crl)})
    if len(alarming) > _SHOWN:
        more = len(alarming) - _SHOWN
        yield Finding("crl", "wrong", "more", {"name": issuer, "count": more})
    if not alarming and found:
        yield Finding("crl", "good", "fresh", {"name": issuer, "hours": _hours(found[0])})


def _hours(crl: Freshness) -> int:
    return (crl.left or timedelta(0)) // timedelta(hours=1)
