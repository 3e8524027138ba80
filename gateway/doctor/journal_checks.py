"""What was revoked is known, and is kept outside the database too."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select

from ca.journal.difference import find_unknown
from ca.journal.models import RevocationChange
from ca.journal.unreconciled import find_standing, find_unreconciled
from foundation.errors import Failure
from gateway.composition.house import House
from gateway.doctor.finding import Finding

# What another node did comes into this node's file within a minute.
_CAUGHT_UP_WITHIN: Final = timedelta(minutes=3)


def check_revocations(house: House) -> Iterator[Finding]:
    """The database knows everything that was revoked; reads the whole journal."""
    with house.database.reading() as session:
        standing = find_standing(session)
        waiting = find_unreconciled(session)
    if waiting:
        yield Finding("revocations", "wrong", "unreconciled", {"count": len(waiting)})
    match standing.standing:
        case "closed":
            yield Finding("revocations", "wrong", "closed", {"problem": standing.problem or "-"})
        case "unconfirmed":
            since = f"{standing.since:%Y-%m-%d %H:%M:%SZ}" if standing.since else "-"
            yield Finding("revocations", "note", "unconfirmed", {"since": since})
        case _ if not waiting:
            yield Finding("revocations", "good", "known")
    yield _check_journal(house)


def _check_journal(house: House) -> Finding:
    file = house.certification.journal.file
    facts: dict[str, str | int] = {"file": str(file.path)}
    if not file.exists():
        # The first start makes it; that one is missing that should be there is "closed".
        return Finding("journal", "note", "missing", facts)
    now = house.ground.clock.now()
    due = now if house.database.is_sqlite else now - _CAUGHT_UP_WITHIN
    try:
        lines = 0
        newest = 0
        for line in file.lines_from_the_end():
            newest = max(newest, line.last)
            lines += 1
        with house.database.reading() as session:
            missing = session.scalar(
                select(func.count())
                .select_from(RevocationChange)
                .where(RevocationChange.epoch > newest, RevocationChange.at <= due)
            )
            unknown = len(find_unknown(session, [file]).lines)
    except Failure as failed:
        return Finding("journal", "wrong", "broken", {**facts, "problem": failed.code})
    if unknown:
        return Finding("journal", "wrong", "ahead", {**facts, "count": unknown})
    if missing:
        return Finding("journal", "wrong", "behind", {**facts, "count": missing})
    return Finding("journal", "good", "whole", {**facts, "count": lines})
