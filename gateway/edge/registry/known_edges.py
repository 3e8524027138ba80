"""What a node asks about edges: of a receipt, after its commit, and for who looks after them."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from foundation.database import Database
from gateway.edge.registry.effects import EdgeEffect, find_effects
from gateway.edge.registry.registry import Edge, EdgeRegistry

_FIRST_PAUSE, _LONGEST_PAUSE = 0.01, 0.05


class KnownEdges:
    """Opens transactions of its own: never ask inside one."""

    def __init__(
        self,
        database: Database,
        registry: EdgeRegistry,
        longest: timedelta,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database = database
        self._registry = registry
        self._longest = longest.total_seconds()
        self._pause = pause

    def effects_of(self, epoch: int, since: datetime) -> tuple[EdgeEffect, ...]:
        """Return what the edges say of the act that began `epoch` at `since`.

        Waits, until every living edge has confirmed it, at most as long as policy
        says, and not at all where there is no edge.
        """
        waited, pause = 0.0, _FIRST_PAUSE
        while True:
            with self._database.reading() as session:
                effects = find_effects(session, self._registry, epoch, since)
            is_complete = all(effect.state != "pending" for effect in effects)
            if is_complete or waited >= self._longest:
                return effects
            self._pause(pause)
            waited += pause
            pause = min(pause * 2, _LONGEST_PAUSE)

    def of_concern(self) -> Sequence[Edge]:
        """Return the edges that are away, or ask for an operator."""
        with self._database.reading() as session:
            edges = self._registry.list(session)
        return [edge for edge in edges if edge.is_away or edge.note is not None]
