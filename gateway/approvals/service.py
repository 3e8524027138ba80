"""Proposing, approving, refusing and withdrawing acts that take two officers."""

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from enrollment.subscribers.principals import Principals
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database, insert_or_conflict
from foundation.errors import Conflict, Denied, FieldError, Invalid, NotFound
from gateway.approvals.acts import Act, Content, Done
from gateway.approvals.ceremony import ApprovedCeremonies
from gateway.approvals.content import canonical, digest_of, read_content
from gateway.approvals.endings import Endings
from gateway.approvals.errors import (
    AlreadyProposed,
    ContentDiffers,
    NotYourProposal,
    Overtaken,
    OwnProposal,
    ProposalNotFound,
    ProposalNotOpen,
    ProposerGone,
)
from gateway.approvals.kinds import Kind
from gateway.approvals.models import Proposal
from gateway.approvals.proposals import (
    ProposalPage,
    ProposalView,
    count_waiting,
    find_proposals,
    get_proposal,
    state_at,
)
from policies.access import AccessPolicy, Resource
from policies.principal import Principal

LONGEST_NOTE = 500
_CEREMONY = Resource("Approval", "ceremony")


class Approvals:
    """The proposals of the house, each behind its permission."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessPolicy,
        principals: Principals,
        acts: Iterable[Act],
        validity: timedelta,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._access = access
        self._principals = principals
        self._acts: Mapping[Kind, Act] = {act.kind: act for act in acts}
        self._validity = validity
        self._audit = audit
        self._clock = clock
        self._endings = Endings(audit=audit, clock=clock)
        self._ceremonies = ApprovedCeremonies(audit=audit, clock=clock)

    def propose(
        self,
        session: Session,
        principal: Principal,
        kind: Kind,
        content: Content,
        by: Actor,
        note: str = "",
    ) -> ProposalView:
        """Fix what shall be done and wait for a second officer.

        Raises `Denied`, `Invalid` for a note that is too long, and
        `AlreadyProposed` when the same act on the same thing waits.
        """
        act, note = self._acts[kind], _read_note(note, "note")
        resource = act.resource(session, content)
        self._access.require(principal, act.propose_action, resource)
        self._audit.lock_chain(session)
        # One that nobody answered in time must not stand in the way of a new one.
        self._endings.expire_due(session, subject=act.subject(content))
        text, now = canonical(content), self._clock.now()
        row = Proposal(
            kind=kind,
            state="proposed",
            subject=act.subject(content),
            district=resource.district,
            content=text,
            content_sha256=digest_of(kind, text),
            note=note,
            proposed_by=principal.username,
            proposed_at=now,
            expires_at=now + self._validity,
        )
        insert_or_conflict(session, row, AlreadyProposed())
        self._endings.record(session, "approval.proposed", row, by, note=note)
        return ProposalView.of(row, now)

    def approve(
        self, principal: Principal, proposal_id: int, unverified_digest: str, by: Actor
    ) -> ProposalView:
        """Approve exactly what has this digest, and do it in the same transaction.

        Opens its own transactions and must not be called inside one: when the
        thing has changed since the proposal, the act is undone and the proposal
        ends as "overtaken" in a second transaction. Raises `Denied`,
        `ProposalNotFound`, `OwnProposal`, `ProposalNotOpen`, `ContentDiffers`
        and `Overtaken`.
        """
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

    def refuse(
        self, session: Session, principal: Principal, proposal_id: int, reason: str, by: Actor
    ) -> ProposalView:
        """Say no, with a reason that the proposer reads.

        Raises `Denied`, `OwnProposal` (who proposed withdraws), `Invalid`
        without a reason, `ProposalNotFound` and `ProposalNotOpen`.
        """
        self._audit.lock_chain(session)
        row = self._get_permitted(session, principal, proposal_id)
        if _same_person(row.proposed_by, principal.username):
            raise OwnProposal()
        note = _read_note(reason, "reason")
        if not note:
            raise Invalid("field-required", field="reason")
        return self._endings.end(session, proposal_id, "refused", by, note=note)

    def withdraw(
        self, session: Session, principal: Principal, proposal_id: int, by: Actor
    ) -> ProposalView:
        """Take back one's own proposal; raises `NotYourProposal` and as `refuse`."""
        self._audit.lock_chain(session)
        row = self._get_visible(session, principal, proposal_id)
        if not _same_person(row.proposed_by, principal.username):
            raise NotYourProposal()
        return self._endings.end(session, proposal_id, "withdrawn", by)

    def carry_out(self, session: Session, kind: Kind, content: Content, by: Actor) -> ProposalView:
        """Use up an approval of a ceremony act; see `ApprovedCeremonies`."""
        return self._ceremonies.carry_out(session, kind, content, by)

    def find(
        self,
        session: Session,
        principal: Principal,
        *,
        is_open: bool | None = None,
        before: int | None = None,
    ) -> ProposalPage:
        """Return a page of the proposals that this officer may know of; raises `Denied`."""
        self._access.require(principal, "list_approvals")
        now, district = self._clock.now(), principal.district
        return find_proposals(session, now, is_open=is_open, district=district, before=before)

    def get(self, session: Session, principal: Principal, proposal_id: int) -> ProposalView:
        """Return one; raises `Denied` and `ProposalNotFound`."""
        row = self._get_visible(session, principal, proposal_id)
        return ProposalView.of(row, self._clock.now())

    def may_approve(self, session: Session, principal: Principal, proposal: ProposalView) -> bool:
        """Say whether a button is of use to this officer; `approve` asks again."""
        act = self._acts[proposal.kind]
        try:
            resource = act.resource(session, proposal.content)
        except (Conflict, NotFound):
            return False
        return (
            proposal.is_open
            and not _same_person(proposal.proposed_by, principal.username)
            and self._access.allows(principal, act.approve_action, resource)
        )

    def may_propose_ceremony(self, principal: Principal) -> bool:
        """Say whether the form for ceremony acts is of use to this officer."""
        return self._access.allows(principal, "propose_ceremony", _CEREMONY)

    def require_ceremony(self, principal: Principal) -> None:
        """Raise `Denied` unless this officer may propose ceremony acts."""
        self._access.require(principal, "propose_ceremony", _CEREMONY)

    def count_waiting(self, session: Session, principal: Principal) -> int:
        """Return how many wait for this officer, for the menu; 0 who may not see them."""
        if not self._access.allows(principal, "list_approvals"):
            return 0
        now, district = self._clock.now(), principal.district
        return count_waiting(session, now, username=principal.username, district=district)

    def expire_due(self) -> None:
        """Write down, in a transaction of its own, what ran out of time."""
        with self._database.writing() as session:
            self._endings.expire_due(session)

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
        row = self._get_permitted(session, principal, proposal_id)
        # 3. and is not the one who proposed it
        if _same_person(row.proposed_by, principal.username):
            raise OwnProposal()
        # 4. what is approved is what was proposed, and what was on the page
        content = _verified_content(row, unverified_digest)
        # 5. of two approvals at once one goes on
        self._take(session, row, principal)
        # 6. the proposer could still propose it
        act = self._acts[_kind_of(row)]
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

    def _get_permitted(self, session: Session, principal: Principal, proposal_id: int) -> Proposal:
        row = self._get_visible(session, principal, proposal_id)
        act = self._acts[_kind_of(row)]
        try:
            resource = act.resource(session, read_content(row.content))
        except (Conflict, NotFound):
            # The thing is gone; whether somebody may say so goes by where it was.
            resource = Resource("Approval", str(row.id), district=row.district)
            self._access.require(principal, "list_approvals", resource)
            return row
        self._access.require(principal, act.approve_action, resource)
        return row

    def _get_visible(self, session: Session, principal: Principal, proposal_id: int) -> Proposal:
        self._access.require(principal, "list_approvals")
        row = get_proposal(session, proposal_id)
        if principal.district is not None and row.district != principal.district:
            raise ProposalNotFound(proposal_id)
        return row


def _kind_of(row: Proposal) -> Kind:
    return row.kind  # type: ignore[return-value] # the table knows no other


def _same_person(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _verified_content(row: Proposal, unverified_digest: str) -> Content:
    digest = digest_of(_kind_of(row), row.content)
    if digest != row.content_sha256 or digest != unverified_digest.strip().upper():
        raise ContentDiffers()
    return read_content(row.content)


def _read_note(text: str, field: str) -> str:
    note = " ".join(text.replace("\0", " ").split())
    if len(note) > LONGEST_NOTE:
        raise Invalid(
            "field-too-long",
            fields=[FieldError(field, "field-too-long", {"maximum": LONGEST_NOTE})],
        )
    return note
