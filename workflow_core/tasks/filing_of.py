"""A stored task as its module sees it."""

from datetime import date

from workflow_core.modules import Filing
from workflow_core.tasks.models import Task


def filing_of(task: Task, on: date, unit_class: str | None) -> Filing:
    """Return the filing in `task`, judged by day `on`."""
    return Filing(owner=task.owner, unit_class=unit_class, data=task.data, on=on, task_id=task.id)
