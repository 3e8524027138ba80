"""Submitting for approval (提交审批, TASK-09 .. TASK-11) and withdrawing (退单, TASK-10)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from foundation.audit import Actor
from foundation.clock import Clock
from foundation.database import after_commit
from foundation.errors import Conflict
from policies.principal import Principal
from policies.review import ReviewPolicy
from workflow_core.local_day import LocalDay
from workflow_core.modules import Modules, refuse
from workflow_core.tasks.filing_of import filing_of
from workflow_core.tasks.journal import Journal
from workflow_core.tasks.models import Task
from workflow_core.tasks.ownership import OwnTasks
from workflow_core.tasks.states import OPEN
from workflow_core.tasks.transition import change

ScheduleReview = Callable[[str, datetime], None]
"""Takes the key of a submission and the time from which it may be decided."""

_log = structlog.get_logger(__name__)


class Submission:
    """Hands filings to the agency, or takes them back before that."""

    def __init__(
        self,
        *,
        own_tasks: OwnTasks,
        modules: Modules,
        review_policy: ReviewPolicy,
        journal: Journal,
        clock: Clock,
        days: LocalDay,
        review_delay: timedelta,
        schedule_review: ScheduleReview,
    ) -> None:
        self._own_tasks = own_tasks
        self._modules = modules
        self._review_policy = review_policy
        self._journal = journal
        self._clock = clock
        self._days = days
        self._review_delay = review_delay
        self._schedule_review = schedule_review

    def submit(self, session: Session, principal: Principal, task_id: int, by: Actor) -> Task:
        """Submit a draft or returned filing; its route is fixed from here on (AMB-21).

        The checks run once more, for a draft may have waited for weeks. Raises
        Invalid with the reasons, NotFound, Conflict.
        """
        task = self._own_tasks.get(session, principal, task_id, "file_task")
        if task.state not in OPEN:
            raise Conflict("task-not-submittable")
        now = self._clock.now()
        today = self._days.of(now)
        module = self._modules.get(task.module)
        refuse(module.check(session, filing_of(task, today, principal.unit_class)))
        route = self._review_policy.route(task.module, principal.unit_class, today.year)
        due_at = now + self._review_delay if route == "automatic" else None
        change(
            session,
            task,
            only_in=OPEN,
            otherwise="task-not-submittable",
            state="in_review",
            route=route,
            unit_class=principal.unit_class,
            submitted_at=now,
            updated_at=now,
            review_due_at=due_at,
            decided_at=None,
            decided_by=None,
            return_code=None,
            return_params={},
            return_text=None,
        )
        self._journal.note(session, task, "submitted", by, {"route": route})
        if due_at is not None:
            self._schedule(session, submission_key(task), due_at)
        return task

    def withdraw(self, session: Session, principal: Principal, task_id: int, by: Actor) -> Task:
        """Cancel a draft or returned filing; never one in review (AMB-18).

        Raises NotFound, Conflict.
        """
        task = self._own_tasks.get(session, principal, task_id, "withdraw_task")
        change(
            session,
            task,
            only_in=OPEN,
            otherwise="task-not-withdrawable",
            state="withdrawn",
            updated_at=self._clock.now(),
        )
        self._journal.note(session, task, "withdrawn", by)
        return task

    def _schedule(self, session: Session, key: str, due_at: datetime) -> None:
        def follow_up() -> None:
            try:
                self._schedule_review(key, due_at)
            except Exception:
                # The submission stands; the sweep of overdue reviews will find it.
                _log.exception("review-not-scheduled", submission=key)

        after_commit(session, follow_up)


def submission_key(task: Task) -> str:
    """Return a key that no other submission has, not even of the same task."""
    return f"{task.id}:{task.version}"
