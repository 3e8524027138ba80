"""The automatic reviewer (系统自动审核, TASK-22, AMB-11, AMB-20)."""

from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.audit import Actor
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Conflict, Unavailable
from workflow_core.review.decisions import ALREADY_DECIDED, Decisions
from workflow_core.tasks.models import Task

_SWEEP = 200

_log = structlog.get_logger(__name__)


class AutomaticReview:
    """Decides filings whose waiting time is over.

    Safe to run any number of times for the same task: a task that is decided,
    or that no longer goes the automatic way, is left alone.
    """

    def __init__(self, database: Database, decisions: Decisions, clock: Clock) -> None:
        self._database = database
        self._decisions = decisions
        self._clock = clock

    def run(self, key: str) -> None:
        """Decide the submission `key` in a transaction of its own.

        Raises Unavailable when its time has not come, so that the job tries
        again.
        """
        task_id, _, version = key.partition(":")
        with self._database.writing() as session:
            task = session.get(Task, int(task_id))
            if task is None or task.version != int(version) or not _waits(task):
                return
            if not self.decide(session, task.id, self._clock.now()):
                raise Unavailable("review-not-due")

    def sweep(self) -> None:
        """Decide whatever is overdue: reviews whose job was lost in a crash."""
        with self._database.reading() as session:
            due = self.due_reviews(session, self._clock.now())
        for task_id in due:
            try:
                with self._database.writing() as session:
                    self.decide(session, task_id, self._clock.now())
            except Conflict as conflict:
                _log.info("review-postponed", task=task_id, reason=conflict.code)

    def due_reviews(self, session: Session, now: datetime, limit: int = _SWEEP) -> list[int]:
        """Return the tasks whose automatic review is due, the longest waiting first."""
        query = select(Task.id).where(
            Task.state == "in_review", Task.route == "automatic", Task.review_due_at <= now
        )
        return list(session.scalars(query.order_by(Task.review_due_at, Task.id).limit(limit)))

    def decide(self, session: Session, task_id: int, now: datetime) -> bool:
        """Approve the task, or return it with the first reason found (AMB-20).

        Returns False when it was left alone: decided already, not automatic,
        or not due at `now`. Raises Conflict when the registry changed at this
        very moment; then nothing may be committed, and the next run decides.
        """
        task = session.get(Task, task_id)
        if task is None or not _waits(task):
            return False
        assert task.review_due_at is not None
        if now < task.review_due_at:
            return False
        reasons = self._decisions.find_reasons(session, task)
        try:
            if reasons:
                self._decisions.send_back(session, task, Actor.system(), reasons[0])
            else:
                self._decisions.approve(session, task, Actor.system())
        except Conflict as conflict:
            if conflict.code == ALREADY_DECIDED:
                return False
            raise
        return True


def _waits(task: Task) -> bool:
    return task.state == "in_review" and task.route == "automatic"
