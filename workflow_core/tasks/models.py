"""Tables of tasks: one business filing, its history, and the counter of sequence numbers."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, BigKey
from workflow_core.tasks.states import STATES, UNFINISHED, Route, State


def _among(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


_UNFINISHED = text(_among("state", UNFINISHED))
# Written out, not bound: a database uses a partial index only when it can see
# in the text of the query that the condition holds.
WAITING_FOR_OFFICER = text("state = 'in_review' AND route = 'officer'")


class Task(Base):
    """One filing of one unit.

    Invariants: `sequence_number` never changes; `route` is fixed by the
    submission (AMB-21); a unit has at most one unfinished task of a module
    about one subject, which the database itself keeps.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint(_among("state", STATES), name="state"),
        Index(
            "uq_tasks_unfinished_subject",
            "owner",
            "module",
            "subject_key",
            unique=True,
            sqlite_where=_UNFINISHED,
            postgresql_where=_UNFINISHED,
        ),
        Index("ix_tasks_owner_state_id", "owner", "state", "id"),
        Index("ix_tasks_state_route_review_due_at", "state", "route", "review_due_at"),
        Index(
            "ix_tasks_waiting_for_officer",
            # All alike, but SQLite would rather sort by an index that begins with them.
            "state",
            "route",
            "submitted_at",
            "id",
            sqlite_where=WAITING_FOR_OFFICER,
            postgresql_where=WAITING_FOR_OFFICER,
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    sequence_number: Mapped[str] = mapped_column(String(20), unique=True)
    module: Mapped[str] = mapped_column(String(32))
    owner: Mapped[str] = mapped_column(ForeignKey("insured_units.credit_code"))
    subject_key: Mapped[str] = mapped_column(String(64))
    subject_name: Mapped[str] = mapped_column(String(200))
    state: Mapped[State] = mapped_column(String(12))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)
    unit_class: Mapped[str | None] = mapped_column(String(12))
    route: Mapped[Route | None] = mapped_column(String(12))
    return_code: Mapped[str | None] = mapped_column(String(64))
    return_params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    return_text: Mapped[str | None] = mapped_column(Text)
    effective_month: Mapped[str | None] = mapped_column(String(7))
    paper_copy_due: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    review_due_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(64))

    @property
    def is_returned(self) -> bool:
        """The rollback flag (回退标志) of TASK-16."""
        return self.state == "returned"


class TaskEvent(Base):
    """One step in the life of a task, as its history shows it."""

    __tablename__ = "task_events"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(String(64))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class SequenceCounter(Base):
    """The last running number given out on one day."""

    __tablename__ = "task_sequence_counters"

    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]
