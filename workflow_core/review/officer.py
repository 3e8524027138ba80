"""The officer's side: filings of ordinary units, decided with the papers at hand (REV-06)."""

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from foundation.audit import Actor
from foundation.errors import Conflict, NotFound
from policies.access import AccessPolicy, Resource
from policies.principal import Principal
from workflow_core.modules import refuse
from workflow_core.pagination import Page, read_cursor
from workflow_core.registry.models import InsuredUnit
from workflow_core.review.decisions import ALREADY_DECIDED, Decisions
from workflow_core.review.waiting import find_waiting
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

        `query` is part of a unit's or a person's name, or the whole of a credit code
        or sequence number. A page may be short or empty and have a next one: it has
        looked far enough.
        """
        self._access.require(principal, "list_reviews")
        picked = find_waiting(
            session,
            district=principal.district,
            module=module,
            words=read_query(query),
            after=read_cursor(after),
            limit=limit,
        )
        rows = session.execute(_reviews().where(Task.id.in_(picked.rows)))
        reviews = {row[0].id: Review(row[0], row[1]) for row in rows}
        following = None if picked.last is None else str(picked.last)
        return Page(tuple(reviews[key] for key in picked.rows), following)

    def get(self, session: Session, principal: Principal, task_id: int) -> Review:
        """Return one task that was handed to an officer, decided or not.

        Raises NotFound, and Denied for a task of another district.
        """
        row = session.execute(_reviews().where(Task.id == task_id, Task.route == "officer")).first()
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


def _reviews() -> Select[Task, InsuredUnit]:
    return select(Task, InsuredUnit).join(InsuredUnit, InsuredUnit.credit_code == Task.owner)
