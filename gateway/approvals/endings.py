"""How proposals end without being approved, each once and on record."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import one_row_or_conflict
from gateway.approvals.errors import ProposalNotOpen
from gateway.approvals.kinds import ProposalState
from gateway.approvals.models import Proposal
from gateway.approvals.proposals import (
    ProposalView,
    get_proposal,
    is_due_to_expire,
    state_at,
)


class Endings:
    """Ends proposals and writes their part of the audit log."""

    def __init__(self, *, audit: AuditLog, clock: Clock) -> None:
        self._audit = audit
        self._clock = clock

    def end(
        self,
        session: Session,
        proposal_id: int,
        state: ProposalState,
        by: Actor,
        *,
        note: str = "",
        is_refusal: bool = False,
    ) -> ProposalView:
        """End an open proposal; raises `ProposalNotFound` and `ProposalNotOpen`."""
        self._audit.lock_chain(session)
        now = self._clock.now()
        before = get_proposal(session, proposal_id)
        if state_at(before, now) != "proposed":
            raise ProposalNotOpen(proposal_id, state_at(before, now))
        result = session.execute(
            update(Proposal)
            .where(Proposal.id == proposal_id, Proposal.state == "proposed")
            .values(state=state, decided_by=by.name, decided_at=now, decision_note=note or None)
            .execution_options(synchronize_session=False)
        )
        one_row_or_conflict(result, "approval-not-open", id=proposal_id, state=before.state)
        row = get_proposal(session, proposal_id)
        self.record(session, f"approval.{state}", row, by, is_refusal=is_refusal, note=note)
        return ProposalView.of(row, now)

    def expire_due(self, session: Session, *, subject: str | None = None) -> None:
        """Write down what ran out of time; with `subject` only that thing's."""
        self._audit.lock_chain(session)
        now = self._clock.now()
        query = select(Proposal).where(is_due_to_expire(now)).order_by(Proposal.id)
        if subject is not None:
            query = query.where(Proposal.subject == subject)
        for row in session.scalars(query).all():
            session.execute(
                update(Proposal)
                .where(Proposal.id == row.id, is_due_to_expire(now))
                .values(state="expired")
                .execution_options(synchronize_session=False)
            )
            self.record(session, "approval.expired", row, Actor.system())

    def record(
        self,
        session: Session,
        action: str,
        row: Proposal,
        by: Actor,
        *,
        is_refusal: bool = False,
        **facts: str,
    ) -> None:
        """Audit what happened to a proposal."""
        self._audit.record(
            session,
            action,
            by=by,
            subject=row.subject,
            outcome="refused" if is_refusal else "done",
            approval=row.id,
            kind=row.kind,
            digest=row.content_sha256,
            **{name: value for name, value in facts.items() if value},
        )
