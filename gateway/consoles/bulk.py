"""Bulk revocation as pages: criteria or a list, the dry run, the proposal."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Query, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from ca.key_types import KEY_TYPES
from enrollment.subscribers.districts import DISTRICTS
from foundation.errors import Conflict, FieldError, Invalid
from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from gateway.approvals import ProposalView
from gateway.bulk_revocation.candidates import VERDICTS
from gateway.bulk_revocation.serial_list import LARGEST_UPLOAD
from gateway.consoles.bulk_acts import BulkActs
from gateway.consoles.bulk_export import bulk_export_response
from gateway.consoles.credential_acts import REASONS
from gateway.consoles.filter_form import FilterForm
from policies.principal import principal_of

SelectionId = Annotated[int, Path(ge=1, le=2**53)]
Short = Annotated[str, Form(max_length=500)]
HOME = "/security/bulk"


def bulk_router(acts: BulkActs, pages: Pages) -> APIRouter:
    """Return the pages under ``/security/bulk``."""
    router = APIRouter(include_in_schema=False, prefix=HOME)

    @router.get("")
    def begin(request: Request, form: Annotated[FilterForm, Query()]) -> Response:
        acts.require(principal_of(request))
        return _form(request, form)

    @router.post("/criteria")
    def by_criteria(request: Request, form: Annotated[FilterForm, Form()]) -> Response:
        try:
            view = acts.dry_run(principal_of(request), form, actor_of(request))
        except Invalid as wrong:
            return _form(request, form, wrong.fields or _whole(wrong, "q"))
        return RedirectResponse(f"{HOME}/{view.id}", 303)

    @router.post("/list")
    def by_list(request: Request, list: Annotated[UploadFile | None, File()] = None) -> Response:
        try:
            if list is None or not list.filename:
                raise Invalid("field-required", field="list")
            # One octet more, so that what is too large is refused and not cut off.
            octets = list.file.read(LARGEST_UPLOAD + 1)
            view = acts.dry_run_of_list(
                principal_of(request), octets, list.filename, actor_of(request)
            )
        except Invalid as wrong:
            return _form(request, FilterForm(), wrong.fields or _whole(wrong, "list"))
        return RedirectResponse(f"{HOME}/{view.id}", 303)

    @router.get("/{selection_id}")
    def show(
        request: Request,
        selection_id: SelectionId,
        verdict: Annotated[str, Query(max_length=24)] = "hit",
        after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    ) -> Response:
        return _detail(request, selection_id, verdict, after)

    @router.get("/{selection_id}/export")
    def export(request: Request, selection_id: SelectionId) -> Response:
        batches = acts.export(principal_of(request), selection_id, actor_of(request))
        return bulk_export_response(batches, pages.translator(request), selection_id)

    @router.post("/{selection_id}/order")
    def order(
        request: Request,
        selection_id: SelectionId,
        reason: Short = "",
        invalidity_date: Short = "",
        note: Annotated[str, Form(max_length=2000)] = "",
        confirm_count: Short = "",
    ) -> Response:
        """Propose it once the officer has typed how many certificates it is about."""
        principal = principal_of(request)
        typed = {"reason": reason, "invalidity_date": invalidity_date, "note": note}
        try:
            hits = acts.get(principal, selection_id).hits
            if confirm_count.strip() != str(hits):
                raise Invalid("confirm-count-wrong", field="confirm_count")
            done = acts.order(
                principal,
                selection_id,
                reason=reason,
                unverified_invalidity_date=invalidity_date,
                note=note,
                by=actor_of(request),
            )
        except Invalid as wrong:
            return _detail(request, selection_id, errors=wrong.fields, typed=typed)
        except Conflict as conflict:
            errors = _whole(conflict, "confirm_count")
            return _detail(request, selection_id, errors=errors, typed=typed)
        if isinstance(done, ProposalView):
            return RedirectResponse(f"/security/approvals/{done.id}", 303)
        return RedirectResponse(f"{HOME}/{selection_id}", 303)

    def _form(request: Request, form: FilterForm, errors: Sequence[FieldError] = ()) -> Response:
        return pages.render(
            request,
            "gateway/bulk.html",
            422 if errors else 200,
            form=form,
            errors=errors,
            districts=DISTRICTS,
            key_types=KEY_TYPES,
            kilobytes=LARGEST_UPLOAD // 1024,
        )

    def _detail(
        request: Request,
        selection_id: int,
        verdict: str = "hit",
        after: int = 0,
        errors: Sequence[FieldError] = (),
        typed: dict[str, str] | None = None,
    ) -> Response:
        principal = principal_of(request)
        view = acts.get(principal, selection_id)
        shown = verdict if verdict in VERDICTS else "hit"
        return pages.render(
            request,
            "gateway/bulk_selection.html",
            422 if errors else 200,
            selection=view,
            progress=acts.progress(principal, selection_id),
            page=acts.page(principal, selection_id, shown, after),
            verdict=shown,
            after=after,
            is_own=view.made_by == principal.username,
            takes_two=acts.takes_two,
            reasons=REASONS,
            errors=errors,
            typed=typed or {},
        )

    return router


def _whole(failure: Invalid | Conflict, field: str) -> tuple[FieldError, ...]:
    return (FieldError(field, failure.code, failure.params),)
