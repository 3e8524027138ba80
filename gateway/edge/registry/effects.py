"""When one revocation took effect at each edge: what its receipt says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.edge.registry.models import EdgeEffectRecord
from gateway.edge.registry.registry import EdgeRegistry

EffectState = Literal["effective", "pending", "away"]


@dataclass(frozen=True)
class EdgeEffect:
    """One edge's line of a receipt.

    The times are milliseconds since the act, as the clocks of the edge and of
    the node have them; None unless "effective". "pending": it has not confirmed
    yet. "away": it was not heard of for long, so that its door has shut itself.
    """

    edge: str
    state: EffectState
    refused_after_ms: int | None = None
    closed_after_ms: int | None = None
    connections_closed: int | None = None

    @property
    def text_key(self) -> str:
        """Of the text that says it, with `facts`; the edge's name stands before it."""
        if self.state == "effective" and not self.connections_closed:
            return "receipt.edge.effective_idle"
        return f"receipt.edge.{self.state}"

    @property
    def facts(self) -> dict[str, int]:
        """What the text says."""
        return {
            "refused": self.refused_after_ms or 0,
            "closed": self.closed_after_ms or 0,
            "connections": self.connections_closed or 0,
        }


def find_effects(
    session: Session, registry: EdgeRegistry, epoch: int, since: datetime
) -> tuple[EdgeEffect, ...]:
    """Return what each edge says of the act that began `epoch` at `since`.

    An edge that was stopped in good order is not listed: nothing passes there.
    """
    return tuple(
        _effect(session, edge.name, edge.is_away, epoch, since)
        for edge in registry.list(session)
        if edge.standing != "stopped" or not edge.is_away
    )


def _effect(session: Session, edge: str, is_away: bool, epoch: int, since: datetime) -> EdgeEffect:
    first: Sequence[EdgeEffectRecord] = session.scalars(
        select(EdgeEffectRecord)
        .where(EdgeEffectRecord.edge == edge)
        .where(
            EdgeEffectRecord.epoch
            == select(func.min(EdgeEffectRecord.epoch))
            .where(EdgeEffectRecord.edge == edge, EdgeEffectRecord.epoch >= epoch)
            .scalar_subquery()
        )
    ).all()
    if not first:
        return EdgeEffect(edge, "away" if is_away else "pending")
    (row,) = first
    return EdgeEffect(
        edge,
        "effective",
        _milliseconds(row.refused_at - since),
        _milliseconds(row.closed_at - since),
        row.connections_closed,
    )


def _milliseconds(span: timedelta) -> int:
    # Two machines' clocks: an edge whose clock is behind seems to know beforehand.
    return max(0, round(span / timedelta(milliseconds=1)))
