"""Reading proposals."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from gateway.approvals.acts import Content
from gateway.approvals.content import read_content
from gateway.approvals.errors import ProposalNotFound
from gateway.approvals.kinds import Kind, ProposalState
from gateway.approvals.models import Proposal

PAGE = 20
# A number in the navigation says "many" well enough beyond this.
MOST_COUNTED = 99


@dataclass(frozen=True)
class ProposalView:
    """A proposal as officers see it; `state` is "expired" from the moment it is."""

    id: int
    kind: Kind
    state: ProposalState
    subject: str
    district: str | None
    content: Content
    digest: str
    note: str
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision_note: str | None
    outcome: Mapping[str, object] | None

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.state == "proposed"

    def moment(self, name: str) -> datetime | None:
        """Return a moment that the content holds, or None."""
        text = self.content.get(name)
        return datetime.fromisoformat(str(text)) if text else None

    @classmethod
    def of(cls, row: Proposal, now: datetime) -> "ProposalView":
        """Return the view of a row."""
        return cls(
            id=row.id,
            kind=cast(Kind, row.kind),
            state=state_at(row, now),
            subject=row.subject,
            district=row.district,
            content=read_content(row.content),
            digest=row.content_sha256,
            note=row.note,
            proposed_by=row.proposed_by,
            proposed_at=row.proposed_at,
            expires_at=row.expires_at,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
            decision_note=row.decision_note,
            outcome=json.loads(row.outcome) if row.outcome else None,
        )

    def as_document(self) -> dict[str, object]:
        """Return the JSON form, times in RFC 3339 UTC."""
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state,
            "digest": self.digest,
            "content": dict(self.content),
            "note": self.note,
            "district": self.district,
            "proposed_by": self.proposed_by,
            "proposed_at": _rfc3339(self.proposed_at),
            "expires_at": _rfc3339(self.expires_at),
            "decided_by": self.decided_by,
            "decided_at": _rfc3339(self.decided_at),
            "decision_note": self.decision_note,
            "outcome": dict(self.outcome) if self.outcome is not None else None,
        }


@dataclass(frozen=True)
class ProposalPage:
    """Proposals, newest first; `next` is what to pass as `before`, or None at the end."""

    items: tuple[ProposalView, ...]
    next: int | None


def state_at(row: Proposal, now: datetime) -> ProposalState:
    """Return the state, "expired" included that no job has written down yet."""
    if row.state in {"proposed", "approved"} and row.expires_at <= now:
        return "expired"
    return cast(ProposalState, row.state)


def find_proposals(
    session: Session,
    now: datetime,
    *,
    is_open: bool | None,
    district: str | None,
    before: int | None,
) -> ProposalPage:
    """Return a page; `district` leaves only those that lie in it."""
    query = select(Proposal).order_by(Proposal.id.desc()).limit(PAGE + 1)
    if is_open is not None:
        query = query.where(_waits(now) if is_open else ~_waits(now))
    if district is not None:
        query = query.where(Proposal.district == district)
    if before is not None:
        query = query.where(Proposal.id < before)
    rows = session.scalars(query).all()
    items = tuple(ProposalView.of(row, now) for row in rows[:PAGE])
    return ProposalPage(items, items[-1].id if len(rows) > PAGE else None)


def count_waiting(session: Session, now: datetime, *, username: str, district: str | None) -> int:
    """Return how many wait that somebody else than `username` proposed, up to `MOST_COUNTED`."""
    query = select(Proposal.id).where(_waits(now), Proposal.proposed_by != username)
    if district is not None:
        query = query.where(Proposal.district == district)
    counted = select(func.count()).select_from(query.limit(MOST_COUNTED).subquery())
    return session.scalar(counted) or 0


def get_proposal(session: Session, proposal_id: int) -> Proposal:
    """Return the row as it is in the database now; raises `ProposalNotFound`."""
    query = select(Proposal).where(Proposal.id == proposal_id)
    row = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise ProposalNotFound(proposal_id)
    return row


def is_due_to_expire(now: datetime) -> ColumnElement[bool]:
    """Return the condition of proposals whose time is over and not yet written down."""
    return and_(
        or_(Proposal.state == "proposed", Proposal.state == "approved"),
        Proposal.expires_at <= now,
    )


def _waits(now: datetime) -> ColumnElement[bool]:
    return and_(Proposal.state == "proposed", Proposal.expires_at > now)


def _rfc3339(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
