"""Certificates as JSON for security officers (contract.md)."""

from datetime import tzinfo
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from foundation.clock import Clock
from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from gateway.approvals import ProposalView
from gateway.consoles.awaited import awaited
from gateway.consoles.certificate_export import export_response
from gateway.consoles.credential_acts import CredentialActs
from gateway.consoles.filter_form import FilterForm
from gateway.credentials import Credential
from policies.principal import principal_of


class FilterPage(FilterForm):
    """The filter, and behind which certificate the page begins."""

    after: Annotated[str | None, Field(max_length=64)] = None


class RevocationOrder(BaseModel):
    """Why a certificate is revoked: an RFC 5280 5.3.1 reason name.

    `invalidity_date` (5.3.2) is since when the key is known or suspected to be
    compromised: a day or RFC 3339, in the past.
    """

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=32)]
    invalidity_date: Annotated[str, Field(max_length=40)] = ""


class ReleaseOrder(BaseModel):
    """A word to the officer who approves; nothing is needed."""

    model_config = ConfigDict(extra="forbid")

    note: Annotated[str, Field(max_length=500)] = ""


def certificates_api_router(
    acts: CredentialActs, pages: Pages, clock: Clock, zone: tzinfo
) -> APIRouter:
    """Return ``/api/v1/certificates``; `pages` knows the language of headings."""
    router = APIRouter(prefix="/api/v1/certificates", tags=["certificates"])

    @router.get("")
    def find(request: Request, form: Annotated[FilterPage, Query()]) -> dict[str, Any]:
        found = acts.find(principal_of(request), form, form.after)
        return {"items": [_document(item) for item in found.items], "next": found.next}

    @router.get("/export", response_class=StreamingResponse)
    def export(request: Request, form: Annotated[FilterForm, Query()]) -> StreamingResponse:
        """Return everything that fits, as CSV for a spreadsheet."""
        batches = acts.export(principal_of(request), form, actor_of(request))
        return export_response(batches, pages.translator(request), zone, clock.now())

    @router.get("/{serial_number}")
    def show(request: Request, serial_number: str) -> dict[str, Any]:
        decoded = acts.decoded(principal_of(request), serial_number)
        return {
            **decoded.detail.as_document(),
            **_document(decoded.credential),
            "history": [event.as_document() for event in decoded.history],
        }

    @router.post("/{serial_number}/revoke")
    def revoke(request: Request, serial_number: str, order: RevocationOrder) -> dict[str, Any]:
        receipt = acts.revoke(
            principal_of(request),
            serial_number,
            order.reason,
            actor_of(request),
            order.invalidity_date,
        )
        return receipt.as_document()

    @router.post("/{serial_number}/hold")
    def hold(request: Request, serial_number: str) -> dict[str, Any]:
        return acts.hold(principal_of(request), serial_number, actor_of(request)).as_document()

    @router.post("/{serial_number}/release", response_model=None)
    def release(
        request: Request, serial_number: str, order: ReleaseOrder | None = None
    ) -> JSONResponse:
        """Answer 200 with the receipt, or 202 with the proposal a second officer must approve."""
        note = order.note if order else ""
        done = acts.release(principal_of(request), serial_number, actor_of(request), note)
        if not isinstance(done, ProposalView):
            return JSONResponse(done.as_document())
        return awaited(done, pages.translator(request))

    return router


def _document(credential: Credential) -> dict[str, Any]:
    certificate = credential.certificate
    return {
        **certificate.as_document(),
        "username": certificate.subscriber,
        "display_name": credential.display_name,
        "district": credential.district,
    }
