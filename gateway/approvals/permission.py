"""Who may know of a proposal, and who may answer it."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from foundation.errors import Conflict, NotFound
from gateway.approvals.acts import Act
from gateway.approvals.content import read_content
from gateway.approvals.errors import ProposalNotFound
from gateway.approvals.kinds import Kind
from gateway.approvals.models import Proposal
from gateway.approvals.proposals import ProposalView, get_proposal
from policies.access import AccessPolicy, Resource
from policies.principal import Principal

_CEREMONY = Resource("Approval", "ceremony")


class Permission:
    """Asks the policies about proposals."""

    def __init__(self, access: AccessPolicy, acts: Mapping[Kind, Act]) -> None:
        self._access = access
        self._acts = acts

    def get_visible(self, session: Session, principal: Principal, proposal_id: int) -> Proposal:
        """Return one that this officer may know of; raises `Denied` and `ProposalNotFound`."""
        self.require_list(principal)
        row = get_proposal(session, proposal_id)
        if principal.district is not None and row.district != principal.district:
            raise ProposalNotFound(proposal_id)
        return row

    def get_answerable(self, session: Session, principal: Principal, proposal_id: int) -> Proposal:
        """Return one that this officer may approve or refuse; raises as `get_visible`.

        Does not ask who proposed it.
        """
        row = self.get_visible(session, principal, proposal_id)
        act = self._acts[kind_of(row)]
        try:
            resource = act.resource(session, read_content(row.content))
        except (Conflict, NotFound):
            # The thing is gone; whether somebody may say so goes by where it was.
            resource = Resource("Approval", str(row.id), district=row.district)
            self._access.require(principal, "list_approvals", resource)
            return row
        self._access.require(principal, act.approve_action, resource)
        return row

    def may_approve(self, session: Session, principal: Principal, proposal: ProposalView) -> bool:
        """Say whether a button is of use to this officer; approving asks again."""
        act = self._acts[proposal.kind]
        try:
            resource = act.resource(session, proposal.content)
        except (Conflict, NotFound):
            return False
        return (
            proposal.is_open
            and not is_same_person(proposal.proposed_by, principal.username)
            and self._access.allows(principal, act.approve_action, resource)
        )

    def may_list(self, principal: Principal) -> bool:
        """Say whether this officer has to do with proposals at all."""
        return self._access.allows(principal, "list_approvals")

    def require_list(self, principal: Principal) -> None:
        """Raise `Denied` unless this officer has to do with proposals at all."""
        self._access.require(principal, "list_approvals")

    def may_propose_ceremony(self, principal: Principal) -> bool:
        """Say whether the form for ceremony acts is of use to this officer."""
        return self._access.allows(principal, "propose_ceremony", _CEREMONY)

    def require_ceremony(self, principal: Principal) -> None:
        """Raise `Denied` unless this officer may propose ceremony acts."""
        self._access.require(principal, "propose_ceremony", _CEREMONY)


def kind_of(row: Proposal) -> Kind:
    """Return what kind of act a stored proposal is for."""
    return row.kind  # type: ignore[return-value] # the table knows no other


def is_same_person(one: str, other: str) -> bool:
    """Say whether two user names are one person's, however they are written."""
    return one.casefold() == other.casefold()
