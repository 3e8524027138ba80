"""All tables of this package, for whoever needs its metadata."""

from workflow_core.registry.models import Coverage, InsuredUnit, Person
from workflow_core.tasks.models import SequenceCounter, Task, TaskEvent

__all__ = ["Coverage", "InsuredUnit", "Person", "SequenceCounter", "Task", "TaskEvent"]
