"""Entering and saving (TASK-02, TASK-03, TASK-05 .. TASK-08)."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.audit import Actor
from foundation.clock import Clock
from foundation.database import insert_or_conflict
from foundation.errors import Conflict, FieldError, Invalid
from policies.principal import Principal
from workflow_core.local_day import LocalDay
from workflow_core.modules import Data, Filing, Module, Modules, refuse
from workflow_core.registry import Registry
from workflow_core.tasks.journal import Journal
from workflow_core.tasks.models import Task
from workflow_core.tasks.ownership import OwnTasks
from workflow_core.tasks.sequence_number import next_sequence_number
from workflow_core.tasks.states import OPEN, UNFINISHED
from workflow_core.tasks.transition import change


class Drafts:
    """Saves filings; nothing here reaches the agency (TASK-02).

    What is saved is complete and passes every check of its module on the day
    of saving (OTH-15): a unit learns of a mistake while it has the papers at
    hand.
    """

    def __init__(
        self,
        *,
        own_tasks: OwnTasks,
        modules: Modules,
        registry: Registry,
        journal: Journal,
        clock: Clock,
        days: LocalDay,
    ) -> None:
        self._own_tasks = own_tasks
        self._modules = modules
        self._registry = registry
        self._journal = journal
        self._clock = clock
        self._days = days

    def create(
        self,
        session: Session,
        principal: Principal,
        module_name: str,
        unverified_data: Mapping[str, object],
        by: Actor,
    ) -> Task:
        """Save a new filing and give it its sequence number (TASK-06).

        Raises Invalid with every wrong field; Conflict when the unit has an
        unfinished filing about the same subject.
        """
        owner = self._own_tasks.require_owner(principal, "file_task")
        module = self._modules.get(module_name)
        self._registry.units.get(session, owner)
        data = module.read(unverified_data)
        subject = module.subject_of(data)
        self._refuse_second(session, owner, module, subject.key)
        self._check(session, module, owner, principal, data)
        now = self._clock.now()
        task = Task(
            sequence_number=next_sequence_number(session, self._days.of(now)),
            module=module.name,
            owner=owner,
            subject_key=subject.key,
            subject_name=subject.name,
            state="draft",
            data=data,
            version=1,
            return_params={},
            paper_copy_due=False,
            created_at=now,
            updated_at=now,
        )
        insert_or_conflict(session, task, Conflict("filing-in-progress-elsewhere"))
        self._journal.note(session, task, "saved", by)
        return task

    def save(
        self,
        session: Session,
        principal: Principal,
        task_id: int,
        unverified_data: Mapping[str, object],
        by: Actor,
        *,
        version: int | None = None,
    ) -> Task:
        """Save a draft or returned filing again (TASK-03).

        Locked fields may be left out; another value in one is refused
        (TASK-08). `version` is the one the editor saw, if known. Raises
        Invalid, NotFound, Conflict.
        """
        task = self._own_tasks.get(session, principal, task_id, "file_task")
        if task.state not in OPEN:
            raise Conflict("task-not-editable")
        if version is not None and version != task.version:
            raise Conflict("task-changed-meanwhile")
        module = self._modules.get(task.module)
        kept = {name: task.data[name] for name in module.locked_fields if name in task.data}
        data = module.read({**kept, **unverified_data})
        _refuse_locked(kept, data)
        self._check(session, module, task.owner, principal, data)
        change(
            session,
            task,
            only_in=OPEN,
            otherwise="task-not-editable",
            data=data,
            subject_name=module.subject_of(data).name,
            updated_at=self._clock.now(),
        )
        self._journal.note(session, task, "changed", by)
        return task

    def _check(
        self, session: Session, module: Module, owner: str, principal: Principal, data: Data
    ) -> None:
        filing = Filing(owner, principal.unit_class, data, self._days.today())
        refuse(module.check(session, filing))

    def _refuse_second(self, session: Session, owner: str, module: Module, key: str) -> None:
        unfinished = session.scalars(
            select(Task).where(
                Task.owner == owner,
                Task.module == module.name,
                Task.subject_key == key,
                Task.state.in_(UNFINISHED),
            )
        ).first()
        if unfinished is not None:
            raise Conflict("filing-in-progress", sequence_number=unfinished.sequence_number)


def _refuse_locked(kept: Data, data: Data) -> None:
    locked = [name for name, value in kept.items() if data.get(name) != value]
    if locked:
        fields = [FieldError(name, "field-locked") for name in sorted(locked)]
        raise Invalid("field-locked", fields=fields)
