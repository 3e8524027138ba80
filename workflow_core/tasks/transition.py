"""The one way a task changes: an UPDATE that only fits the row it was decided on."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from foundation.errors import Conflict
from workflow_core.tasks.models import Task
from workflow_core.tasks.states import State


def change(
    session: Session, task: Task, *, only_in: Sequence[State], otherwise: str, **values: Any
) -> None:
    """Write `values` if the task is still in one of the states `only_in` and as it was read.

    Raises Conflict: code `otherwise` when its state is another by now,
    `task-changed-meanwhile` when only its contents are.
    """
    changed = session.execute(
        update(Task)
        .where(Task.id == task.id, Task.version == task.version, Task.state.in_(only_in))
        .values(version=Task.version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(changed, CursorResult)
    session.refresh(task)
    if changed.rowcount != 1:
        raise Conflict("task-changed-meanwhile" if task.state in only_in else otherwise)
