"""What happened to a task: its own history, and the audit log of the house."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from workflow_core.tasks.models import Task, TaskEvent

Step = Literal["saved", "changed", "submitted", "approved", "returned", "withdrawn"]

NO_FACTS: Mapping[str, str] = MappingProxyType({})


class Journal:
    """Records every step twice: for the unit to read, and for auditors."""

    def __init__(self, clock: Clock, audit: AuditLog) -> None:
        self._clock = clock
        self._audit = audit

    def note(
        self,
        session: Session,
        task: Task,
        step: Step,
        by: Actor,
        facts: Mapping[str, str] = NO_FACTS,
        details: Mapping[str, str] = NO_FACTS,
    ) -> None:
        """Record a step in the caller's transaction.

        The audit entry has the `facts` but not the `details`, and names the
        task, never the person it is about: it is kept for ever.
        """
        at = self._clock.now()
        known = {**facts, **details}
        session.add(TaskEvent(task_id=task.id, at=at, kind=step, by=by.name, facts=known))
        audited: dict[str, Any] = dict(facts)
        self._audit.record(
            session,
            f"task.{step}",
            by=by,
            subject=f"task:{task.sequence_number}",
            module=task.module,
            owner=task.owner,
            **audited,
        )

    def steps_of(self, session: Session, task: Task) -> list[TaskEvent]:
        """Return the history of a task, the oldest step first."""
        query = select(TaskEvent).where(TaskEvent.task_id == task.id).order_by(TaskEvent.id)
        return list(session.scalars(query))
