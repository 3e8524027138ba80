"""How long the authorities themselves last."""

from collections.abc import Iterator
from datetime import timedelta

from gateway.composition.house import House
from gateway.doctor.finding import Finding, Verdict


def check_authorities(house: House) -> Iterator[Finding]:
    """Root and issuing CA outlive what is issued now; else certificates are cut short.

    Nothing is issued beyond its issuer's end (`ca.profiles.lifetimes`), so the time to
    roll over is as long before it as a certificate lives.
    """
    hierarchy, rules = house.certification.hierarchy, house.ground.parameters.certificates
    longest = max(rules.unit, rules.officer, rules.person)
    now = house.ground.clock.now()
    for authority in (hierarchy.root, hierarchy.issuing):
        left = authority.certificate.not_valid_after_utc - now
        facts: dict[str, str | int] = {
            "name": authority.name,
            "days": max(left, timedelta(0)) // timedelta(days=1),
        }
        if left >= longest:
            yield Finding("authorities", "good", "lasting", facts)
        else:
            verdict: Verdict = "wrong" if left < longest / 4 else "note"
            yield Finding("authorities", verdict, "ending", facts)
