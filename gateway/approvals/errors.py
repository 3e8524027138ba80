"""Failures of acts that take two officers."""

from foundation.errors import Conflict, Denied, NotFound


class ProposalNotFound(NotFound):
    """There is no such proposal, or none that the asker may know of."""

    def __init__(self, proposal_id: int) -> None:
        super().__init__("approval-not-found", id=proposal_id)


class ProposalNotOpen(Conflict):
    """Somebody has answered it already, or its time is over."""

    def __init__(self, proposal_id: int, state: str) -> None:
        super().__init__("approval-not-open", id=proposal_id, state=state)


class AlreadyProposed(Conflict):
    """The same act on the same thing waits already."""

    def __init__(self) -> None:
        super().__init__("approval-already-proposed")


class OwnProposal(Denied):
    """Two officers means two persons."""

    def __init__(self) -> None:
        super().__init__("approval-own")


class NotYourProposal(Denied):
    """Only who proposed may withdraw; anybody else refuses."""

    def __init__(self) -> None:
        super().__init__("approval-not-yours")


class ContentDiffers(Conflict):
    """What is stored is not what the approver saw, or not what was proposed."""

    def __init__(self) -> None:
        super().__init__("approval-content-differs")


class Overtaken(Conflict):
    """The thing has changed since the proposal; `__cause__` says how."""

    def __init__(self, proposal_id: int) -> None:
        super().__init__("approval-overtaken", id=proposal_id)


class ProposerGone(Conflict):
    """Whoever proposed may no longer do so: suspended, or without the role."""

    def __init__(self, username: str) -> None:
        super().__init__("approval-proposer-gone", username=username)


class ApprovalMissing(Denied):
    """Two officers have not approved exactly this."""

    def __init__(self, kind: str, digest: str) -> None:
        super().__init__("approval-missing", kind=kind, digest=digest)
