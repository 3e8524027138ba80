"""The two lists of a unit: 待办任务列表 and 已办任务列表 (LOGIN-08, TASK-14 .. TASK-19)."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from policies.access import AccessPolicy
from policies.principal import Principal
from workflow_core.pagination import Page, page_of, read_cursor
from workflow_core.tasks.models import Task
from workflow_core.tasks.ownership import OwnTasks
from workflow_core.tasks.states import HANDED_IN, OPEN, State

ListName = Literal["todo", "done"]

_STATES: dict[ListName, Sequence[State]] = {"todo": OPEN, "done": HANDED_IN}


class TaskLists:
    """Reads the lists; a withdrawn task is cancelled and stands in neither (TASK-10)."""

    def __init__(self, access: AccessPolicy, own_tasks: OwnTasks) -> None:
        self._access = access
        self._own_tasks = own_tasks

    def read(
        self,
        session: Session,
        principal: Principal,
        name: ListName,
        *,
        after: str | None = None,
        limit: int = 20,
    ) -> Page[Task]:
        """Return a page of the principal's list, the newest task first."""
        self._access.require(principal, "list_own_tasks")
        query = select(Task).where(
            Task.owner == principal.credit_code, Task.state.in_(_STATES[name])
        )
        cursor = read_cursor(after)
        if cursor is not None:
            query = query.where(Task.id < cursor)
        rows = list(session.scalars(query.order_by(Task.id.desc()).limit(limit + 1)))
        return page_of(rows, [task.id for task in rows], limit)
