"""The heartbeat of a node, and the burial of those that have lost theirs.

A node counts in its row. Another one is held for dead when *the observer* has
not seen it count for a while, by the observer's own clock: the clocks of two
machines are never compared. Being wrong costs little: a node that was only
slow finds its row gone, enters itself again, and what it was doing is done by
two, which jobs must bear anyway (`foundation.jobs`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from foundation.clock import Clock
from foundation.database import Database
from gateway.nodes.model import Node

# A primary that fails over is away for less; a dead node's jobs can wait that long.
SILENCE = timedelta(seconds=30)

_LOG = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Heard:
    """The last new count of a node, and when it was first seen here."""

    beats: int
    at: datetime


class Presence:
    """This process among the nodes of its database; used by one thread at a time."""

    def __init__(self, database: Database, clock: Clock, *, executor_id: str, name: str) -> None:
        """`executor_id` is this process's alone and new at each start; `name` is for people."""
        self.executor_id = executor_id
        self._database = database
        self._clock = clock
        self._name = name[:255]
        self._heard: dict[str, _Heard] = {}

    def beat(self) -> frozenset[str]:
        """Count once, bury who has fallen silent, and return the executor ids of the living."""
        with self._database.writing() as session:
            self._count(session)
            beats = {node.executor_id: node.beats for node in session.scalars(select(Node))}
            silent = self._silent(beats)
            for executor_id in silent:
                self._bury(session, executor_id, beats[executor_id])
        living = frozenset(beats.keys() - silent)
        # Of the others nothing is remembered: one that comes back counts from one again.
        self._heard = {one: heard for one, heard in self._heard.items() if one in living}
        return living

    def leave(self) -> None:
        """Say goodbye: the others need not wait to see that this process has ended."""
        with self._database.writing() as session:
            session.execute(delete(Node).where(Node.executor_id == self.executor_id))

    def _count(self, session: Session) -> None:
        now = self._clock.now()
        counted = session.scalar(
            update(Node)
            .where(Node.executor_id == self.executor_id)
            .values(beats=Node.beats + 1, seen_at=now)
            .returning(Node.beats)
        )
        if counted is None:
            session.add(
                Node(
                    executor_id=self.executor_id, name=self._name,
                    started_at=now, seen_at=now, beats=1,
                )
            )  # fmt: skip
            session.flush()

    def _silent(self, beats: dict[str, int]) -> set[str]:
        now = self._clock.now()
        silent = set()
        for executor_id, count in beats.items():
            heard = self._heard.get(executor_id)
            if heard is None or heard.beats != count:
                self._heard[executor_id] = _Heard(count, now)
            elif executor_id != self.executor_id and now - heard.at >= SILENCE:
                silent.add(executor_id)
        return silent

    def _bury(self, session: Session, executor_id: str, count: int) -> None:
        # By its count: one that beats in this very moment lives.
        session.execute(
            delete(Node).where(Node.executor_id == executor_id).where(Node.beats == count)
        )
        _LOG.warning("node_buried", executor_id=executor_id)
