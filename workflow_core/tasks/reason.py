"""Why a task was returned (回退原因, TASK-17), in the reader's language."""

from foundation.i18n import Translator
from workflow_core.tasks.models import Task


def return_reason(task: Task, translator: Translator) -> str | None:
    """Return the officer's words, or the text of what the automatic review found."""
    if not task.is_returned:
        return None
    if task.return_code is None:
        return task.return_text
    return translator("error." + task.return_code, **task.return_params)
