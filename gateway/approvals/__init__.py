"""Acts that take two officers: one proposes, another approves."""

from gateway.approvals.acts import Act, Content, Done
from gateway.approvals.kinds import KINDS, Kind
from gateway.approvals.proposals import ProposalPage, ProposalView
from gateway.approvals.service import Approvals

__all__ = ["KINDS", "Act", "Approvals", "Content", "Done", "Kind", "ProposalPage", "ProposalView"]
