"""The audit log holds, is signed, and is the one that is known outside."""

from collections.abc import Iterator
from datetime import timedelta

from foundation.audit import BrokenChain
from foundation.errors import Failure
from gateway.composition.house import House
from gateway.doctor.finding import Finding

# So many rounds of the job without a checkpoint are no accident.
_MISSED_ROUNDS = 3


def check_audit(house: House) -> Iterator[Finding]:
    """Chain, checkpoints and anchor; walks the whole log."""
    keeping = house.audit_keeping
    try:
        kept = keeping.anchored()
    except OSError as unreadable:
        kept = []
        yield Finding("anchor", "wrong", "unreadable", {"problem": str(unreadable)})
    try:
        verified = keeping.verify(kept)
    except BrokenChain as broken:
        yield Finding(
            "audit", "wrong", "broken", {"sequence": broken.sequence, "reason": broken.reason}
        )
        return
    except Failure as failed:
        yield Finding("audit", "wrong", "unverified", {"problem": failed.code})
        return
    yield Finding("audit", "good", "whole", {"count": verified.entries})
    yield _check_signed(house, verified.entries, verified.signed_entries)
    for lost in verified.lost:
        yield Finding("anchor", "note", "lost", {"origin": lost.origin, "size": lost.size})
    yield _check_anchor(house, verified.anchored)


def _check_signed(house: House, entries: int, signed: int) -> Finding:
    facts: dict[str, str | int] = {"count": signed, "unsigned": entries - signed}
    newest = house.audit_keeping.newest()
    late = timedelta(minutes=_MISSED_ROUNDS * house.ground.settings.audit_checkpoint_minutes)
    if newest is None:
        return Finding("checkpoints", "note", "none", facts)
    if entries > signed and house.ground.clock.now() - newest.made_at > late:
        # The server may be stopped, and this very command have written entries.
        return Finding("checkpoints", "note", "late", facts)
    return Finding("checkpoints", "good", "fresh", facts)


def _check_anchor(house: House, anchored: int) -> Finding:
    anchor, newest = house.audit_keeping.anchor, house.audit_keeping.newest()
    if anchor is None:
        return Finding("anchor", "note", "unset")
    facts: dict[str, str | int] = {"file": str(anchor.path), "count": anchored}
    if newest is not None and not anchor.holds(newest.note):
        return Finding("anchor", "wrong", "behind", facts)
    return Finding("anchor", "good", "current", facts)
