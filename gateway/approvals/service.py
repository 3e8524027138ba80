"""Proposing, approving, refusing and withdrawing acts that take two officers."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from sqlalchemy.orm import Session

from enrollment.subscribers.principals import Principals
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database, insert_or_conflict
from foundation.errors import FieldError, Invalid
from gateway.approvals.acts import Act, Content
from gateway.approvals.approving import Approving
from gateway.approvals.ceremony import ApprovedCeremonies
from gateway.approvals.content import canonical, digest_of
from gateway.approvals.endings import Endings
from gateway.approvals.errors import AlreadyProposed, NotYourProposal, OwnProposal
from gateway.approvals.kinds import Kind
from gateway.approvals.models import Proposal
from gateway.approvals.permission import Permission, is_same_person
from gateway.approvals.proposals import (
    ProposalPage,
    ProposalView,
    count_waiting,
    find_proposals,
)
from policies.access import AccessPolicy
from policies.principal import Principal

LONGEST_NOTE = 500


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
        self._acts: Mapping[Kind, Act] = {act.kind: act for act in acts}
        self._validity = validity
        self._audit = audit
        self._clock = clock
        self._endings = Endings(audit=audit, clock=clock)
        self._permission = Permission(access, self._acts)
        self._approving = Approving(
            database=database,
            access=access,
            permission=self._permission,
            principals=principals,
            acts=self._acts,
            endings=self._endings,
            audit=audit,
            clock=clock,
        )
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
        return self._approving.approve(principal, proposal_id, unverified_digest, by)

    def refuse(
        self, session: Session, principal: Principal, proposal_id: int, reason: str, by: Actor
    ) -> ProposalView:
        """Say no, with a reason that the proposer reads.

        Raises `Denied`, `OwnProposal` (who proposed withdraws), `Invalid`
        without a reason, `ProposalNotFound` and `ProposalNotOpen`.
        """
        self._audit.lock_chain(session)
        row = self._permission.get_answerable(session, principal, proposal_id)
        if is_same_person(row.proposed_by, principal.username):
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
        row = self._permission.get_visible(session, principal, proposal_id)
        if not is_same_person(row.proposed_by, principal.username):
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
        self._permission.require_list(principal)
        now, district = self._clock.now(), principal.district
        return find_proposals(session, now, is_open=is_open, district=district, before=before)

    def get(self, session: Session, principal: Principal, proposal_id: int) -> ProposalView:
        """Return one; raises `Denied` and `ProposalNotFound`."""
        row = self._permission.get_visible(session, principal, proposal_id)
        return ProposalView.of(row, self._clock.now())

    def may_approve(self, session: Session, principal: Principal, proposal: ProposalView) -> bool:
        """Say whether a button is of use to this officer; `approve` asks again."""
        return self._permission.may_approve(session, principal, proposal)

    def may_propose_ceremony(self, principal: Principal) -> bool:
        """Say whether the form for ceremony acts is of use to this officer."""
        return self._permission.may_propose_ceremony(principal)

    def require_ceremony(self, principal: Principal) -> None:
        """Raise `Denied` unless this officer may propose ceremony acts."""
        self._permission.require_ceremony(principal)

    def count_waiting(self, session: Session, principal: Principal) -> int:
        """Return how many wait for this officer, for the menu; 0 who may not see them."""
        if not self._permission.may_list(principal):
            return 0
        now, district = self._clock.now(), principal.district
        return count_waiting(session, now, username=principal.username, district=district)

    def expire_due(self) -> None:
        """Write down, in a transaction of its own, what ran out of time."""
        with self._database.writing() as session:
            self._endings.expire_due(session)


def _read_note(text: str, field: str) -> str:
    note = " ".join(text.replace("\0", " ").split())
    if len(note) > LONGEST_NOTE:
        raise Invalid(
            "field-too-long",
            fields=[FieldError(field, "field-too-long", {"maximum": LONGEST_NOTE})],
        )
    return note
