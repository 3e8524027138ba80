"""Going on with approved acts that take more than one transaction, across restarts."""

import json

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from gateway.approvals.content import read_content
from gateway.approvals.endings import Endings
from gateway.approvals.models import Proposal
from gateway.approvals.proposals import get_proposal
from gateway.bulk_revocation.act import order_of
from gateway.bulk_revocation.execution import BulkExecution


class Continuation:
    """Carries out what is "executing", chunk by chunk; a job, and safe to repeat."""

    def __init__(
        self, database: Database, execution: BulkExecution, audit: AuditLog, clock: Clock
    ) -> None:
        self._database = database
        self._execution = execution
        self._audit = audit
        self._endings = Endings(audit=audit, clock=clock)

    def run_all(self) -> None:
        """Finish everything that is under way. Opens its own transactions."""
        with self._database.reading() as session:
            query = select(Proposal.id).where(Proposal.state == "executing")
            under_way = session.scalars(query.order_by(Proposal.id)).all()
        for proposal_id in under_way:
            while self._run_next(proposal_id):
                pass

    def _run_next(self, proposal_id: int) -> bool:
        with self._database.writing() as session:
            self._audit.lock_chain(session)
            row = get_proposal(session, proposal_id)
            if row.state != "executing" or row.decided_by is None:
                return False
            return self._chunk(session, row, Actor(row.decided_by))

    def _chunk(self, session: Session, row: Proposal, by: Actor) -> bool:
        order = order_of(read_content(row.content))
        progress = self._execution.revoke_next(session, order, by)
        state = "executing" if progress.remaining else "executed"
        session.execute(
            update(Proposal)
            .where(Proposal.id == row.id, Proposal.state == "executing")
            .values(state=state, outcome=json.dumps(progress.as_document()))
            .execution_options(synchronize_session=False)
        )
        if not progress.remaining:
            self._endings.record(
                session, "approval.executed", row, by, revoked=str(progress.revoked)
            )
        return progress.remaining > 0
