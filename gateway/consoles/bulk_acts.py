"""What a security officer may do with many credentials at once, asked of the policies."""

from collections.abc import Iterator
from datetime import timedelta

from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Conflict, Denied, FieldError, Invalid, NotFound
from gateway.approvals import Approvals, ProposalView
from gateway.bulk_revocation import (
    BulkExecution,
    Progress,
    SelectedView,
    Selections,
    SelectionView,
    bulk_content,
    read_serial_list,
)
from gateway.bulk_revocation.candidates import VERDICTS
from gateway.bulk_revocation.execution import Order
from gateway.bulk_revocation.views import SelectedPage
from gateway.consoles.credential_acts import REASONS, CredentialActs
from gateway.consoles.filter_form import FilterForm
from policies.access import AccessPolicy, Resource
from policies.principal import Principal


class BulkActs:
    """Dry runs, and the proposal to carry one out."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessPolicy,
        credentials: CredentialActs,
        selections: Selections,
        execution: BulkExecution,
        approvals: Approvals,
        officers: int,
        validity: timedelta,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        """`officers` is 1 or 2; a dry run may be carried out for `validity`."""
        self._database = database
        self._access = access
        self._credentials = credentials
        self._selections = selections
        self._execution = execution
        self._approvals = approvals
        self._officers = officers
        self._validity = validity
        self._audit = audit
        self._clock = clock

    @property
    def takes_two(self) -> bool:
        """Whether a bulk revocation waits for a second officer."""
        return self._officers > 1

    def dry_run(self, principal: Principal, form: FilterForm, by: Actor) -> SelectionView:
        """Fix everything that fits the filter; raises `Denied` and `Invalid`."""
        self.require(principal)
        wanted = self._credentials.wanted(principal, form)
        with self._database.writing() as session:
            return self._selections.by_criteria(session, wanted, by)

    def dry_run_of_list(
        self, principal: Principal, unverified_octets: bytes, name: str, by: Actor
    ) -> SelectionView:
        """Fix the numbers of an uploaded list; raises `Denied` and `Invalid`."""
        self.require(principal)
        listed = read_serial_list(unverified_octets)
        with self._database.writing() as session:
            return self._selections.by_list(session, listed, name, principal.district, by)

    def get(self, principal: Principal, selection_id: int) -> SelectionView:
        """Return a dry run that this officer may know of; raises `Denied` and `NotFound`."""
        self.require(principal)
        with self._database.reading() as session:
            view = self._selections.get(session, selection_id)
        is_own = view.made_by == principal.username
        if not is_own and principal.district not in {None, view.district}:
            raise NotFound("selection-not-found", id=selection_id)
        return view

    def page(
        self, principal: Principal, selection_id: int, verdict: str | None, after: int
    ) -> SelectedPage:
        """Return a page of a dry run's rows; raises as `get`, and `Invalid` for a verdict."""
        self.get(principal, selection_id)
        if verdict is not None and verdict not in VERDICTS:
            raise Invalid("field-invalid", field="verdict")
        with self._database.reading() as session:
            return self._selections.page(session, selection_id, verdict, after)

    def export(
        self, principal: Principal, selection_id: int, by: Actor
    ) -> Iterator[tuple[SelectedView, ...]]:
        """Yield all rows of a dry run, and put on record who took them away."""
        view = self.get(principal, selection_id)
        with self._database.writing() as session:
            self._audit.record(
                session, "bulk_revocation.exported", by=by, subject=f"selection:{view.id}"
            )
        return self._selections.rows(self._database, view.id)

    def progress(self, principal: Principal, selection_id: int) -> Progress:
        """Return how far a dry run has been carried out; raises as `get`."""
        self.get(principal, selection_id)
        with self._database.reading() as session:
            return self._execution.progress(session, selection_id)

    def order(
        self,
        principal: Principal,
        selection_id: int,
        *,
        reason: str,
        unverified_invalidity_date: str,
        note: str,
        by: Actor,
    ) -> ProposalView | Progress:
        """Propose what a dry run showed; where one officer is enough, carry it out.

        Raises `Denied` (only who made the dry run), `Invalid` with what is
        wrong, and `Conflict`: nothing to revoke, nobody left who could log in,
        a dry run that is too old, or proposed already.
        """
        view = self.get(principal, selection_id)
        if view.made_by != principal.username:
            raise Denied("selection-not-yours")
        errors = [] if reason in REASONS else [FieldError("reason", "revocation-reason-required")]
        invalidity_date = None
        try:
            invalidity_date = self._credentials.read_invalidity_date(unverified_invalidity_date)
        except Invalid as wrong:
            errors += wrong.fields
        if errors:
            raise Invalid("bulk-revocation-invalid", fields=errors)
        if self._clock.now() - view.made_at > self._validity:
            raise Conflict("selection-too-old")
        content = bulk_content(view, reason, invalidity_date)
        if self.takes_two:
            with self._database.writing() as session:
                return self._approvals.propose(
                    session, principal, "bulk_revocation", content, by, note
                )
        resource = Resource("Approval", f"selection:{view.id}", district=view.district)
        self._access.require(principal, "approve_bulk_revocation", resource)
        order = Order(view.id, reason, invalidity_date)
        return self._execution.carry_out(self._database, order, by)

    def require(self, principal: Principal) -> None:
        """Raise `Denied` unless this officer may make dry runs."""
        resource = Resource("Approval", "new", district=principal.district)
        self._access.require(principal, "propose_bulk_revocation", resource)
