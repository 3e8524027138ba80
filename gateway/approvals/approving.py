"""Approving a proposal: the second officer's part, as numbered steps."""

import json
from collections.abc import Mapping

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from enrollment.subscribers.principals import Principals
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Conflict, Denied, NotFound
from gateway.approvals.acts import Act, Content, Done
from gateway.approvals.content import digest_of, read_content
from gateway.approvals.endings import Endings
from gateway.approvals.errors import (
    ContentDiffers,
    Overtaken,
    OwnProposal,
    ProposalNotOpen,
    ProposerGone,
)
from gateway.approvals.kinds import Kind
from gateway.approvals.models import Proposal
from gateway.approvals.permission import Permission, is_same_person, kind_of
from gateway.approvals.proposals import ProposalView, get_proposal, state_at
from policies.access import AccessPolicy
from policies.principal import Principal


class Approving:
    """Does what was proposed, when a second officer says so."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessPolicy,
        permission: Permission,
        principals: Principals,
        acts: Mapping[Kind, Act],
        endings: Endings,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._access = access
        self._permission = permission
        self._principals = principals
        self._acts = acts
        self._endings = endings
        self._audit = audit
        self._clock = clock

    def approve(
        self, principal: Principal, proposal_id: int, unverified_digest: str, by: Actor
    ) -> ProposalView:
        """Approve in transactions of its own; see `Approvals.approve`."""
        try:
            with self._database.writing() as session:
                return self._approve(session, principal, proposal_id, unverified_digest, by)
        except Overtaken as overtaken:
            why = overtaken.__cause__
            with self._database.writing() as session:
                self._endings.end(
                    session,
                    proposal_id,
                    "overtaken",
                    by,
                    note=why.code if isinstance(why, Conflict | NotFound) else "",
                    is_refusal=True,
                )
            raise
        except OwnProposal:
            # An attempt on dual control is on record even though nothing happened.
            with self._database.writing() as session:
                row = get_proposal(session, proposal_id)
                self._endings.record(session, "approval.own_refused", row, by, is_refusal=True)
            raise

    def _approve(
        self,
        session: Session,
        principal: Principal,
        proposal_id: int,
        unverified_digest: str,
        by: Actor,
    ) -> ProposalView:
        # 1. wait for the chain before any row, as every act does
        self._audit.lock_chain(session)
        # 2. this officer may approve this kind of act here
        row = self._permission.get_answerable(session, principal, proposal_id)
        # 3. and is not the one who proposed it
        if is_same_person(row.proposed_by, principal.username):
            raise OwnProposal()
        # 4. what is approved is what was proposed, and what was on the page
        content = _verified_content(row, unverified_digest)
        # 5. of two approvals at once one goes on
        self._take(session, row, principal)
        # 6. the proposer could still propose it
        act = self._acts[kind_of(row)]
        try:
            self._verify_proposer(session, act, row, content)
            # 7. do it; every act looks at its thing again
            done = act.execute(session, content, by)
        except (Conflict, NotFound) as changed:
            raise Overtaken(row.id) from changed
        # 8. keep what came of it
        return self._close(session, row, done, by)

    def _take(self, session: Session, row: Proposal, principal: Principal) -> None:
        now = self._clock.now()
        result = session.execute(
            update(Proposal)
            .where(Proposal.id == row.id, Proposal.state == "proposed")
            .where(Proposal.expires_at > now, Proposal.proposed_by != principal.username)
            .values(state="executing", decided_by=principal.username, decided_at=now)
            .execution_options(synchronize_session=False)
        )
        assert isinstance(result, CursorResult)
        if result.rowcount != 1:
            raise ProposalNotOpen(row.id, state_at(get_proposal(session, row.id), now))

    def _close(self, session: Session, row: Proposal, done: Done, by: Actor) -> ProposalView:
        session.execute(
            update(Proposal)
            .where(Proposal.id == row.id)
            .values(state=done.state, outcome=json.dumps(dict(done.outcome), ensure_ascii=False))
            .execution_options(synchronize_session=False)
        )
        decided = get_proposal(session, row.id)
        self._endings.record(
            session, "approval.approved", decided, by, proposed_by=decided.proposed_by
        )
        return ProposalView.of(decided, self._clock.now())

    def _verify_proposer(self, session: Session, act: Act, row: Proposal, content: Content) -> None:
        # A proposal of a stolen account dies with the account.
        resource = act.resource(session, content)
        try:
            proposer = self._principals.principal_for(session, row.proposed_by)
            self._access.require(proposer, act.propose_action, resource)
        except (Denied, NotFound) as gone:
            raise ProposerGone(row.proposed_by) from gone


def _verified_content(row: Proposal, unverified_digest: str) -> Content:
    digest = digest_of(kind_of(row), row.content)
    if digest != row.content_sha256 or digest != unverified_digest.strip().upper():
        raise ContentDiffers()
    return read_content(row.content)
