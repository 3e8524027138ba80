"""This process as one of the nodes of its database, put together."""

import platform
from collections.abc import Callable

from foundation.jobs import ALONE, Jobs
from gateway.composition.ground import Ground
from gateway.nodes import Presence

HEARTBEAT_SECONDS = 5.0
_IDENTITY_OCTETS = 16


class Membership:
    """Being a node: nothing with SQLite, whose node is alone."""

    def __init__(self, ground: Ground) -> None:
        self.executor_id = ALONE
        self._presence: Presence | None = None
        if ground.database.is_sqlite:
            return
        # New at each start: what an earlier process left behind may have been
        # taken over by a node that works on it just now.
        self.executor_id = ground.randomness.token(_IDENTITY_OCTETS).hex()
        self._presence = Presence(
            ground.database, ground.clock, executor_id=self.executor_id, name=platform.node()
        )

    def enter(self) -> None:
        """Beat for the first time, before any job is taken."""
        if self._presence is not None:
            self._presence.beat()

    def heartbeat(self, jobs: Jobs) -> Callable[[], None]:
        """Return what is to be done every few seconds while this node serves."""

        def beat() -> None:
            if self._presence is not None:
                jobs.take_over(self._presence.beat())

        return beat

    def leave(self) -> None:
        """Let the others have what is left, at once."""
        if self._presence is not None:
            self._presence.leave()
