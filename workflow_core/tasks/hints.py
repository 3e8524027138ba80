"""Hints that a unit sees beside its task."""

from sqlalchemy.orm import Session

from policies.principal import Principal
from workflow_core.local_day import LocalDay
from workflow_core.modules import Finding, Modules
from workflow_core.tasks.filing_of import filing_of
from workflow_core.tasks.models import Task
from workflow_core.tasks.states import UNFINISHED


class Hints:
    """Asks a task's module what the unit should know (AMB-08); decided tasks need no hints."""

    def __init__(self, modules: Modules, days: LocalDay) -> None:
        self._modules = modules
        self._days = days

    def of(self, session: Session, principal: Principal, task: Task) -> list[Finding]:
        """Return the hints of a task, by the day of its submission or today."""
        if task.state not in UNFINISHED:
            return []
        submitted = task.submitted_at if task.state == "in_review" else None
        on = self._days.of(submitted) if submitted else self._days.today()
        filing = filing_of(task, on, principal.unit_class)
        return self._modules.get(task.module).warn(session, filing)
