"""A bulk revocation as an act that takes two officers."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from foundation.audit import Actor
from foundation.database import after_commit
from foundation.errors import Conflict
from gateway.approvals.acts import Content, Done
from gateway.approvals.kinds import Kind
from gateway.bulk_revocation.execution import BulkExecution, Order
from gateway.bulk_revocation.selections import digest_of_hits, get_selection
from gateway.bulk_revocation.views import SelectionView
from policies.access import OfficerAction, Resource


def bulk_content(
    selection: SelectionView, reason: str, invalidity_date: datetime | None
) -> Content:
    """Return what is approved: this very set, for this reason.

    Raises `Conflict` when there is nothing to revoke, or when no security
    officer could log in afterwards.
    """
    if selection.hits == 0:
        raise Conflict("selection-empty")
    if selection.security_officers_left == 0:
        raise Conflict("selection-last-security-officer")
    return {
        "selection": selection.id,
        "selection_sha256": selection.digest,
        "certificates": selection.hits,
        "reason": reason,
        "invalidity_date": _written(invalidity_date),
    }


def order_of(content: Content) -> Order:
    """Return the order that fixed content holds."""
    date = content["invalidity_date"]
    return Order(
        selection_id=int(content["selection"] or 0),
        reason=str(content["reason"]),
        invalidity_date=datetime.fromisoformat(str(date)) if date else None,
    )


class BulkRevocationAct:
    """Revokes a fixed set when the second officer approves.

    The first chunk goes with the approval; `on_more` is told the subject after
    the commit when chunks remain, and a sweep finds them if it is lost.
    """

    kind: Kind = "bulk_revocation"
    propose_action: OfficerAction = "propose_bulk_revocation"
    approve_action: OfficerAction = "approve_bulk_revocation"

    def __init__(self, execution: BulkExecution, on_more: Callable[[str], None]) -> None:
        self._execution = execution
        self._on_more = on_more

    def subject(self, content: Content) -> str:
        """Return the set as the audit log names it."""
        return f"selection:{content['selection']}"

    def resource(self, session: Session, content: Content) -> Resource:
        """Return the act with the district that everything in it lies in."""
        selection = get_selection(session, int(content["selection"] or 0))
        return Resource("Approval", f"selection:{selection.id}", district=selection.district)

    def execute(self, session: Session, content: Content, by: Actor) -> Done:
        """Revoke the first chunk; raises `Conflict` when the set is not the one approved."""
        order = order_of(content)
        digest, count = digest_of_hits(session, order.selection_id)
        if (digest, count) != (content["selection_sha256"], content["certificates"]):
            raise Conflict("selection-differs")
        progress = self._execution.revoke_next(session, order, by)
        if progress.remaining:
            after_commit(session, lambda: self._on_more(self.subject(content)))
        return Done(progress.as_document(), "executing" if progress.remaining else "executed")


def _written(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
