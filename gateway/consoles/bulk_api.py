"""Bulk revocation as JSON: a dry run first, then the order to carry it out."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from gateway.approvals import ProposalView
from gateway.bulk_revocation import SelectionView
from gateway.consoles.awaited import awaited
from gateway.consoles.bulk_acts import BulkActs
from gateway.consoles.bulk_export import bulk_export_response
from gateway.consoles.filter_form import FilterForm
from policies.principal import principal_of

SelectionId = Annotated[int, Path(ge=1, le=2**53)]


class BulkOrder(BaseModel):
    """Carry out a dry run: why, since when keys are suspect, and a word to the second officer."""

    model_config = ConfigDict(extra="forbid")

    dry_run: Annotated[int, Field(ge=1, le=2**53)]
    reason: Annotated[str, Field(min_length=1, max_length=32)]
    invalidity_date: Annotated[str, Field(max_length=40)] = ""
    note: Annotated[str, Field(max_length=500)] = ""


def bulk_api_router(acts: BulkActs, pages: Pages) -> APIRouter:
    """Return ``/api/v1/bulk-revocations``."""
    router = APIRouter(prefix="/api/v1/bulk-revocations", tags=["certificates"])

    @router.post("", response_model=None)
    def order(request: Request, order: BulkOrder) -> JSONResponse:
        """Answer 202 with the proposal that waits for a second officer, or 200 with the receipt."""
        done = acts.order(
            principal_of(request),
            order.dry_run,
            reason=order.reason,
            unverified_invalidity_date=order.invalidity_date,
            note=order.note,
            by=actor_of(request),
        )
        if not isinstance(done, ProposalView):
            return JSONResponse(done.as_document())
        return awaited(done, pages.translator(request))

    @router.post("/dry-runs", status_code=201)
    def dry_run(request: Request, criteria: FilterForm) -> dict[str, Any]:
        view = acts.dry_run(principal_of(request), criteria, actor_of(request))
        return _document(view)

    @router.post("/dry-runs/list", status_code=201)
    def dry_run_of_list(
        request: Request,
        octets: Annotated[bytes, Body(media_type="text/csv")],
        name: Annotated[str, Query(max_length=100)] = "list",
    ) -> dict[str, Any]:
        view = acts.dry_run_of_list(principal_of(request), octets, name, actor_of(request))
        return _document(view)

    @router.get("/dry-runs/{selection_id}")
    def show(request: Request, selection_id: SelectionId) -> dict[str, Any]:
        view = acts.get(principal_of(request), selection_id)
        progress = acts.progress(principal_of(request), selection_id)
        return {**_document(view), "progress": progress.as_document()}

    @router.get("/dry-runs/{selection_id}/certificates")
    def rows(
        request: Request,
        selection_id: SelectionId,
        verdict: Annotated[str | None, Query(max_length=24)] = None,
        after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    ) -> dict[str, Any]:
        page = acts.page(principal_of(request), selection_id, verdict, after)
        return {"items": [row.as_document() for row in page.items], "next": page.next}

    @router.get("/dry-runs/{selection_id}/export", response_class=StreamingResponse)
    def export(request: Request, selection_id: SelectionId) -> StreamingResponse:
        batches = acts.export(principal_of(request), selection_id, actor_of(request))
        return bulk_export_response(batches, pages.translator(request), selection_id)

    return router


def _document(view: SelectionView) -> dict[str, Any]:
    return view.as_document()
