"""What the agent tells the registry: that it lives, and what is in force.

Each report is a transaction of its own, short. An effect is told at once, the
rest every few seconds.
"""

from datetime import datetime, timedelta
from typing import Final

from foundation.clock import Clock
from foundation.database import Database
from gateway.edge.registry import EdgeRegistry
from gateway.edge.registry.models import EdgeStanding

_EVERY: Final = timedelta(seconds=3)
_CLEAN_EVERY: Final = timedelta(hours=1)


class Reporting:
    """Reports for one edge; raises `Conflict` when another agent has taken its name."""

    def __init__(
        self, database: Database, registry: EdgeRegistry, clock: Clock, name: str, instance: str
    ) -> None:
        """`instance` is of this process alone."""
        self._database = database
        self._registry = registry
        self._clock = clock
        self._name = name
        self._instance = instance
        self._standing: EdgeStanding = "loading"
        self._epoch: int | None = None
        self._reported_at: datetime | None = None
        self._cleaned_at: datetime | None = None
        self._has_entered = False
        self._note: str | None = None

    def take_note(self, note: str | None) -> None:
        """Tell what an operator should see to with the next report; from any thread."""
        self._note = note

    def enter(self) -> None:
        """Say, once, that this agent has started."""
        if self._has_entered:
            return
        with self._database.writing() as session:
            self._registry.enter(session, self._name, self._instance)
        self._has_entered = True

    def loading(self) -> None:
        """Say that the door is closed and everything is being loaded."""
        if self._standing != "loading" or self._is_due():
            self._report("loading")

    def in_force(
        self, epoch: int, refused_at: datetime, closed_at: datetime, connections_closed: int
    ) -> None:
        """Say that everything up to `epoch` is in force, if that is new or due."""
        is_new = epoch != self._epoch
        if not (is_new or self._standing != "serving" or self._is_due()):
            return
        self._epoch = epoch
        with self._database.writing() as session:
            self._registry.report(session, self._name, self._instance, "serving", epoch, self._note)
            if is_new:
                self._registry.acknowledge(
                    session, self._name, epoch, refused_at, closed_at, connections_closed
                )
            if self._cleaned_at is None or self._clock.now() - self._cleaned_at > _CLEAN_EVERY:
                self._registry.forget_old_effects(session, self._name)
                self._cleaned_at = self._clock.now()
        self._standing, self._reported_at = "serving", self._clock.now()

    def stopped(self) -> None:
        """Say that the agent ends in good order."""
        self._report("stopped")

    def _report(self, standing: EdgeStanding) -> None:
        with self._database.writing() as session:
            self._registry.report(
                session, self._name, self._instance, standing, self._epoch, self._note
            )
        self._standing, self._reported_at = standing, self._clock.now()

    def _is_due(self) -> bool:
        return self._reported_at is None or self._clock.now() - self._reported_at >= _EVERY
