"""Tasks: enter, save, submit, view the status (TASK-01)."""
