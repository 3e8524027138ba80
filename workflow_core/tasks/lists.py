"""The two lists of a unit: 待办任务列表 and 已办任务列表 (LOGIN-08, TASK-14 .. TASK-19)."""

from collections.abc import Sequence
from typing import Final, Literal

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from policies.access import AccessPolicy
from policies.principal import Principal
from workflow_core.pagination import LARGEST_KEY, Page, page_of, read_cursor
from workflow_core.tasks.models import Task
from workflow_core.tasks.ownership import OwnTasks
from workflow_core.tasks.states import HANDED_IN, OPEN, State

ListName = Literal["todo", "done"]


def _newest_first(states: Sequence[State]) -> Select[Task]:
    return (
        select(Task)
        .where(Task.owner == bindparam("owner"), Task.state.in_(states))
        .where(Task.id <= bindparam("newest"))
        .order_by(Task.id.desc())
        .limit(bindparam("most"))
    )


# Built once: every unit's home begins with both.
_LISTS: Final[dict[ListName, Select[Task]]] = {
    "todo": _newest_first(OPEN),
    "done": _newest_first(HANDED_IN),
}


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
        cursor = read_cursor(after)
        asked = {
            "owner": principal.credit_code,
            "newest": LARGEST_KEY if cursor is None else cursor - 1,
            "most": limit + 1,
        }
        rows = list(session.scalars(_LISTS[name], asked))
        return page_of(rows, [task.id for task in rows], limit)
