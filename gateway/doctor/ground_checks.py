"""Files, clock and rules."""

import stat
from collections.abc import Iterator

from sqlalchemy import select

from ca.keys.private_files import find_exposed
from foundation.audit import AuditEntry
from gateway.composition.house import House
from gateway.doctor.finding import Finding


def check_permissions(house: House) -> Iterator[Finding]:
    """The data folder and the keys are for their owner only."""
    folder = house.ground.settings.data
    exposed = [str(path) for path in find_exposed(folder / "keys")]
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        exposed.insert(0, str(folder))
    for path in exposed:
        yield Finding("permissions", "wrong", "exposed", {"path": path})
    if not exposed:
        yield Finding("permissions", "good", "closed")


def check_clock(house: House) -> Finding:
    """The clock has not been set back behind what was already recorded."""
    with house.database.reading() as session:
        newest = session.scalars(
            select(AuditEntry.at).order_by(AuditEntry.sequence.desc()).limit(1)
        ).first()
    now = house.ground.clock.now()
    if newest is not None and newest > now:
        return Finding("clock", "wrong", "behind", {"seconds": int((newest - now).total_seconds())})
    return Finding("clock", "good", "plausible")


def check_parameters(house: House) -> Finding:
    """Amounts that the law fixes have been entered (AMB-15)."""
    today = house.ground.clock.now().astimezone(house.ground.zone).date()
    placeholders = house.ground.parameters.contribution_on(today).placeholders
    if placeholders:
        return Finding("parameters", "note", "placeholders", {"names": ", ".join(placeholders)})
    return Finding("parameters", "good", "entered")
