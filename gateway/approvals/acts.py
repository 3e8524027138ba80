"""What the approvals ask of each kind of act."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from foundation.audit import Actor
from gateway.approvals.kinds import Kind
from policies.access import OfficerAction, Resource

Content = Mapping[str, str | int | None]
"""What will be done, complete and flat, so that an officer can read all of it."""


@dataclass(frozen=True)
class Done:
    """What came of an approval: a receipt, and whether something is still to be done.

    "executing": chunks follow (`gateway.bulk_revocation`). "approved": a command
    on the machine carries it out (`Approvals.carry_out`).
    """

    outcome: Mapping[str, object]
    state: str = "executed"


class Act(Protocol):
    """One kind of act."""

    @property
    def kind(self) -> Kind:
        """Its name."""
        ...

    @property
    def propose_action(self) -> OfficerAction:
        """What access.cedar calls proposing it."""
        ...

    @property
    def approve_action(self) -> OfficerAction:
        """What access.cedar calls approving it."""
        ...

    def subject(self, content: Content) -> str:
        """Return what the audit log calls the thing it is about, as ``<kind>:<key>``."""
        ...

    def resource(self, session: Session, content: Content) -> Resource:
        """Return what the policies are asked about, as it is now."""
        ...

    def execute(self, session: Session, content: Content, by: Actor) -> Done:
        """Do it, in the transaction of the approval.

        Looks again at everything the proposal took for granted. Raises
        `Conflict` or `NotFound` when that has changed: the proposal is then
        overtaken. Does not ask whether anybody may do this.
        """
        ...
