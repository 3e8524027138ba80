"""Writing and reading the table of edges; every call is part of the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from foundation.clock import Clock
from foundation.database import one_row_or_conflict
from foundation.errors import NotFound
from gateway.edge.registry.models import EdgeEffectRecord, EdgeRecord, EdgeStanding

# Effects are for receipts and for who measures; the audit log has the acts.
_EFFECTS_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Edge:
    """One edge; `is_away` when it was not heard of for longer than policy allows."""

    name: str
    standing: EdgeStanding
    started_at: datetime
    heartbeat_at: datetime
    applied_epoch: int | None
    note: str | None
    is_away: bool

    def as_document(self) -> dict[str, object]:
        """Return the JSON form, the times in RFC 3339 UTC."""
        return {
            "edge": self.name,
            "standing": "away" if self.is_away else self.standing,
            "started_at": _rfc3339(self.started_at),
            "heartbeat_at": _rfc3339(self.heartbeat_at),
            "applied_epoch": self.applied_epoch,
            "note": self.note,
        }


class EdgeRegistry:
    """The edges that ever reported, until they are forgotten."""

    def __init__(self, clock: Clock, away_after: timedelta) -> None:
        self._clock = clock
        self._away_after = away_after

    def enter(self, session: Session, name: str, instance: str) -> None:
        """Say that an agent has started; whoever had the name before loses it."""
        now = self._clock.now()
        known = session.get(EdgeRecord, name, with_for_update=True)
        if known is None:
            known = EdgeRecord(name=name)
            session.add(known)
        known.instance = instance
        known.standing = "loading"
        known.started_at = known.heartbeat_at = now
        known.applied_epoch = known.note = None
        session.flush()

    def report(
        self,
        session: Session,
        name: str,
        instance: str,
        standing: EdgeStanding,
        applied_epoch: int | None,
        note: str | None,
    ) -> None:
        """Say how the edge is now; raises `Conflict` when another agent has taken the name."""
        result = session.execute(
            update(EdgeRecord)
            .where(EdgeRecord.name == name, EdgeRecord.instance == instance)
            .values(
                standing=standing,
                heartbeat_at=self._clock.now(),
                applied_epoch=applied_epoch,
                note=note,
            )
        )
        one_row_or_conflict(result, "edge-name-taken", name=name)

    def acknowledge(
        self,
        session: Session,
        name: str,
        epoch: int,
        refused_at: datetime,
        closed_at: datetime,
        connections_closed: int,
    ) -> None:
        """Say that everything up to `epoch` is in force; what was said of it before stands."""
        if session.get(EdgeEffectRecord, (name, epoch)) is None:
            session.add(
                EdgeEffectRecord(
                    edge=name,
                    epoch=epoch,
                    refused_at=refused_at,
                    closed_at=closed_at,
                    connections_closed=connections_closed,
                )
            )
            session.flush()

    def list(self, session: Session) -> Sequence[Edge]:
        """Return every edge by name."""
        now = self._clock.now()
        return [
            Edge(
                name=row.name,
                standing=cast("EdgeStanding", row.standing),
                started_at=row.started_at,
                heartbeat_at=row.heartbeat_at,
                applied_epoch=row.applied_epoch,
                note=row.note,
                is_away=now - row.heartbeat_at > self._away_after,
            )
            for row in session.scalars(select(EdgeRecord).order_by(EdgeRecord.name))
        ]

    def forget(self, session: Session, name: str) -> None:
        """Strike an edge off that is no more; raises `NotFound` for one that never was.

        One that still runs loses its name, and its agent ends.
        """
        session.execute(delete(EdgeEffectRecord).where(EdgeEffectRecord.edge == name))
        result = session.execute(delete(EdgeRecord).where(EdgeRecord.name == name))
        assert isinstance(result, CursorResult)
        if result.rowcount == 0:
            raise NotFound("edge-unknown", field="name")

    def forget_old_effects(self, session: Session, name: str) -> None:
        """Delete what took effect long ago."""
        session.execute(
            delete(EdgeEffectRecord)
            .where(EdgeEffectRecord.edge == name)
            .where(EdgeEffectRecord.refused_at < self._clock.now() - _EFFECTS_KEPT)
        )


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
