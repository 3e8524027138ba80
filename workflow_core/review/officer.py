"""The officer's side: filings of ordinary units, decided with the papers at hand (REV-06)."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from foundation.audit import Actor
from foundation.errors import Conflict, NotFound
from policies.access import AccessPolicy, Resource
from policies.principal import Principal
from workflow_core.modules import refuse
from workflow_core.pagination import Page, page_of, read_cursor
from workflow_core.registry.models import InsuredUnit
from workflow_core.review.decisions import ALREADY_DECIDED, Decisions
from workflow_core.tasks.models import Task
from workflow_core.typed_text import read_query, read_text

LONGEST_REASON = 500


@dataclass(frozen=True)
class Review:
    """A task before an officer, with the unit that filed it."""

    task: Task
    unit: InsuredUnit


class OfficerReview:
    """Lists and decides what waits for an officer of the unit's district (ACT-04)."""

    def __init__(self, access: AccessPolicy, decisions: Decisions) -> None:
        self._access = access
        self._decisions = decisions

    def list_waiting(
        self,
        session: Session,
        principal: Principal,
        *,
        query: str = "",
        module: str | None = None,
        after: str | None = None,
        limit: int = 20,
    ) -> Page[Review]:
        """Return what waits in the officer's district, the longest waiting first.

        `query` is part of a unit's name, a credit code, a sequence number or a
        person's name.
        """
        self._access.require(principal, "list_reviews")
        rows = _waiting().order_by(Task.submitted_at, Task.id).limit(limit + 1)
        if principal.district is not None:
            rows = rows.where(InsuredUnit.district == principal.district)
        if module:
            rows = rows.where(Task.module == module)
        if words := read_query(query):
            rows = rows.where(_matches(words))
        cursor = read_cursor(after)
        if cursor is not None:
            rows = _after(rows, session.get(Task, cursor))
        reviews = [Review(row[0], row[1]) for row in session.execute(rows)]
        return page_of(reviews, [review.task.id for review in reviews], limit)

    def get(self, session: Session, principal: Principal, task_id: int) -> Review:
        """Return one task that was handed to an officer, decided or not.

        Raises NotFound, and Denied for a task of another district.
        """
        row = session.execute(
            select(Task, InsuredUnit)
            .join(InsuredUnit, InsuredUnit.credit_code == Task.owner)
            .where(Task.id == task_id, Task.route == "officer")
        ).first()
        district = row[1].district if row else None
        self._access.require(
            principal, "approve_filing", Resource("Task", str(task_id), district=district)
        )
        if row is None:
            raise NotFound("task-not-found")
        return Review(row[0], row[1])

    def approve(self, session: Session, principal: Principal, task_id: int, by: Actor) -> Review:
        """Approve; raises Invalid when a check speaks against it, Conflict when decided already."""
        review = self._get_waiting(session, principal, task_id)
        refuse(self._decisions.find_reasons(session, review.task))
        self._decisions.approve(session, review.task, by)
        return review

    def reject(
        self,
        session: Session,
        principal: Principal,
        task_id: int,
        unverified_reason: str,
        by: Actor,
    ) -> Review:
        """Return the filing; a reason is mandatory (TASK-17). Raises Invalid, Conflict."""
        review = self._get_waiting(session, principal, task_id)
        reason = read_text(unverified_reason, field="reason", longest=LONGEST_REASON)
        self._decisions.send_back(session, review.task, by, reason)
        return review

    def _get_waiting(self, session: Session, principal: Principal, task_id: int) -> Review:
        review = self.get(session, principal, task_id)
        if review.task.state != "in_review":
            raise Conflict(ALREADY_DECIDED)
        return review


def _waiting() -> Select[Task, InsuredUnit]:
    return (
        select(Task, InsuredUnit)
        .join(InsuredUnit, InsuredUnit.credit_code == Task.owner)
        .where(Task.state == "in_review", Task.route == "officer")
    )


def _matches(words: str) -> ColumnElement[bool]:
    return or_(
        InsuredUnit.name.contains(words, autoescape=True),
        InsuredUnit.credit_code == words.upper(),
        Task.sequence_number == words,
        Task.subject_name.contains(words, autoescape=True),
    )


def _after(rows: Select[Task, InsuredUnit], last: Task | None) -> Select[Task, InsuredUnit]:
    if last is None or last.submitted_at is None:
        return rows
    return rows.where(
        or_(
            Task.submitted_at > last.submitted_at,
            and_(Task.submitted_at == last.submitted_at, Task.id > last.id),
        )
    )
