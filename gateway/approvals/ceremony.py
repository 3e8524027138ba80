"""Acts of a key ceremony: two officers approve a document, a command carries it out.

What is approved is the SHA-256 of the very file (`docs/operations.md`): the CRL
that the offline root signed, or the certificate of a new issuing CA. The
command that takes the file in asks for an approval of its digest
(`ApprovedCeremonies`) and uses it up.
"""

import hashlib
import re
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from enrollment.models import OfficerRole, Subscriber
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.errors import Invalid
from gateway.approvals.acts import Content, Done
from gateway.approvals.content import canonical, digest_of
from gateway.approvals.endings import Endings
from gateway.approvals.errors import ApprovalMissing
from gateway.approvals.kinds import Kind
from gateway.approvals.models import Proposal
from gateway.approvals.proposals import ProposalView, get_proposal
from policies.access import OfficerAction, Resource

_SHA256 = re.compile(r"[0-9A-F]{64}")


def ceremony_content(unverified_sha256: str) -> Content:
    """Return what the approval of a document is about.

    Spaces and colons between the digits and lower case are forgiven. Raises
    `Invalid` for what is no SHA-256.
    """
    digest = re.sub(r"[\s:]", "", unverified_sha256).upper()
    if not _SHA256.fullmatch(digest):
        raise Invalid("digest-malformed", field="document_sha256")
    return {"document_sha256": digest}


@dataclass(frozen=True)
class CeremonyAct:
    """One kind of ceremony act; belongs to no district."""

    kind: Kind
    propose_action: OfficerAction = "propose_ceremony"
    approve_action: OfficerAction = "approve_ceremony"

    def subject(self, content: Content) -> str:
        """Return the document's digest as the audit log names it."""
        return f"document:{content['document_sha256']}"

    def resource(self, session: Session, content: Content) -> Resource:
        """Return a thing without a district: a district officer has no part in it."""
        return Resource("Approval", self.kind)

    def execute(self, session: Session, content: Content, by: Actor) -> Done:
        """Leave it to the command that has the document in hand."""
        return Done({}, state="approved")


class ApprovedCeremonies:
    """What a command asks before it does a ceremony act, without a house around it."""

    def __init__(self, *, audit: AuditLog, clock: Clock) -> None:
        self._audit = audit
        self._clock = clock
        self._endings = Endings(audit=audit, clock=clock)

    def carry_out(self, session: Session, kind: Kind, content: Content, by: Actor) -> ProposalView:
        """Use up an approval of exactly this act, for the command that does it.

        In the transaction of the act: when that fails the approval is still
        good. Raises `ApprovalMissing`.
        """
        self._audit.lock_chain(session)
        digest, now = digest_of(kind, canonical(content)), self._clock.now()
        found = session.execute(
            update(Proposal)
            .where(Proposal.kind == kind, Proposal.content_sha256 == digest)
            .where(Proposal.state == "approved", Proposal.expires_at > now)
            .values(state="executed")
            .returning(Proposal.id)
        ).scalars()
        used = found.first()
        if used is None:
            raise ApprovalMissing(kind, digest)
        row = get_proposal(session, used)
        self._endings.record(session, "approval.executed", row, by)
        return ProposalView.of(row, now)

    def require(
        self, session: Session, kind: Kind, document: bytes, by: Actor, *, is_waived: bool = False
    ) -> None:
        """Use up the approval of a document, where there are two officers to give one.

        With fewer than two security officers nobody could approve (the first
        ceremony comes before the first officer). `is_waived` is the operator's
        word in an emergency, and is on record as such. Raises `ApprovalMissing`.
        """
        content = ceremony_content(hashlib.sha256(document).hexdigest())
        if _security_officers(session) < 2:
            return
        if is_waived:
            subject = f"document:{content['document_sha256']}"
            self._audit.record(session, "approval.waived", by=by, subject=subject, kind=kind)
            return
        self.carry_out(session, kind, content, by)


def _security_officers(session: Session) -> int:
    query = (
        select(func.count())
        .select_from(OfficerRole)
        .join(Subscriber, Subscriber.id == OfficerRole.subscriber_id)
        .where(OfficerRole.role == "security_officer", Subscriber.standing == "active")
    )
    return session.scalar(query) or 0
