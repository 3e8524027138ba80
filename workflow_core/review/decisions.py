"""What a decision does, whoever takes it: approve and carry out, or return (TASK-15 .. TASK-20)."""

from sqlalchemy.orm import Session

from foundation.audit import Actor
from foundation.clock import Clock
from workflow_core.local_day import LocalDay
from workflow_core.modules import Finding, Modules
from workflow_core.tasks.filing_of import filing_of
from workflow_core.tasks.journal import Journal
from workflow_core.tasks.models import Task
from workflow_core.tasks.transition import change

ALREADY_DECIDED = "task-already-decided"


class Decisions:
    """Approves and returns tasks; of two decisions at once only one is written."""

    def __init__(self, modules: Modules, journal: Journal, clock: Clock, days: LocalDay) -> None:
        self._modules = modules
        self._journal = journal
        self._clock = clock
        self._days = days

    def find_reasons(self, session: Session, task: Task) -> list[Finding]:
        """Run every check of the module against today's registry (AMB-20).

        The filing is judged by the day of its submission (AMB-17).
        """
        assert task.submitted_at is not None
        filing = filing_of(task, self._days.of(task.submitted_at), task.unit_class)
        return self._modules.get(task.module).check(session, filing)

    def approve(self, session: Session, task: Task, by: Actor) -> None:
        """End the task and carry out its effect in one transaction (TASK-20).

        Does not check anything: callers run `find_reasons` first. Raises
        Conflict `task-already-decided`, or the module's when the registry
        changed at this very moment; the caller's transaction must then roll back.
        """
        assert task.submitted_at is not None
        module = self._modules.get(task.module)
        now = self._clock.now()
        # The task is claimed before anything else, so that the loser of a race does nothing.
        change(
            session,
            task,
            only_in=("in_review",),
            otherwise=ALREADY_DECIDED,
            state="ended",
            decided_at=now,
            updated_at=now,
            decided_by=by.name,
            paper_copy_due=task.route == "automatic" and module.vip_hands_in_papers,
        )
        filing = filing_of(task, self._days.of(task.submitted_at), task.unit_class)
        effect = module.apply(session, filing)
        task.effective_month = str(effect.month)
        month = {"effective_month": str(effect.month)}
        self._journal.note(session, task, "approved", by, month, effect.facts)

    def send_back(self, session: Session, task: Task, by: Actor, reason: Finding | str) -> None:
        """Return the task with a reason (TASK-16, TASK-17); raises Conflict."""
        now = self._clock.now()
        found = reason if isinstance(reason, Finding) else None
        change(
            session,
            task,
            only_in=("in_review",),
            otherwise=ALREADY_DECIDED,
            state="returned",
            decided_at=now,
            updated_at=now,
            decided_by=by.name,
            return_code=found.code if found else None,
            return_params=dict(found.params) if found else {},
            return_text=None if found else reason,
        )
        self._journal.note(session, task, "returned", by, _reason_facts(reason))


def _reason_facts(reason: Finding | str) -> dict[str, str]:
    if isinstance(reason, Finding):
        return {"reason_code": reason.code}
    return {"reason": reason}
