"""A unit's own tasks; those of others do not exist for it (ACT-01)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.errors import Denied, NotFound
from policies.access import AccessPolicy, OwnAction, Resource
from policies.principal import Principal
from workflow_core.tasks.models import Task


class OwnTasks:
    """Finds tasks for the unit that filed them."""

    def __init__(self, access: AccessPolicy) -> None:
        self._access = access

    def require_owner(self, principal: Principal, action: OwnAction) -> str:
        """Return the credit code this principal files under; raises Denied."""
        owner = principal.credit_code
        if owner is None:
            raise Denied("not-allowed")
        self._access.require(principal, action, Resource("Task", "new", owner=owner))
        return owner

    def get(self, session: Session, principal: Principal, task_id: int, action: OwnAction) -> Task:
        """Return a task of this principal for `action`.

        Raises NotFound for a task of another unit as for one that never was,
        so that numbers cannot be probed; Denied when the action is forbidden.
        """
        owner = self.require_owner(principal, action)
        task = session.scalars(select(Task).where(Task.id == task_id, Task.owner == owner)).first()
        if task is None:
            raise NotFound("task-not-found")
        return task
