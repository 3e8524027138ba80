"""The security officer's console: find a credential, end it, keep the receipt."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from ca.key_types import KEY_TYPES
from ca.models import STATES
from enrollment.subscribers.districts import DISTRICTS
from foundation.clock import Clock
from foundation.errors import FieldError, Invalid, NotFound
from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from gateway.approvals import ProposalView
from gateway.consoles.certificate_export import export_response
from gateway.consoles.certificates_api import FilterPage
from gateway.consoles.credential_acts import REASONS, CredentialActs
from gateway.consoles.filter_form import EXPIRED, FilterForm
from gateway.credentials import Credential, Found
from gateway.revocation import Receipt
from policies.principal import principal_of

Short = Annotated[str, Form(max_length=200)]
HOME = "/security/certificates"
_STATES = ("good", EXPIRED, *STATES[3:], *STATES[:2])
_PROFILES = ("unit", "officer", "person", "server", "ocsp", "edge", "issuing", "root")


def certificates_router(
    acts: CredentialActs, pages: Pages, clock: Clock, zone: tzinfo
) -> APIRouter:
    """Return the pages under ``/security/certificates``."""
    router = APIRouter(include_in_schema=False, prefix=HOME)

    @router.get("")
    def find(request: Request, form: Annotated[FilterPage, Query()]) -> Response:
        principal = principal_of(request)
        errors: Sequence[FieldError] = ()
        try:
            found = acts.find(principal, form, form.after)
        except Invalid as wrong:
            found, errors = Found((), None), wrong.fields
        return pages.render(
            request,
            "gateway/certificates.html",
            422 if errors else 200,
            found=found.items,
            following=found.next,
            way=found.way,
            edges=acts.edges_of_concern(),
            form=form,
            errors=errors,
            states=_STATES,
            profiles=_PROFILES,
            key_types=KEY_TYPES,
            districts=DISTRICTS if principal.district is None else (),
        )

    @router.get("/export")
    def export(request: Request, form: Annotated[FilterForm, Query()]) -> Response:
        batches = acts.export(principal_of(request), form, actor_of(request))
        return export_response(batches, pages.translator(request), zone, clock.now())

    @router.get("/{serial_number}")
    def show(request: Request, serial_number: str) -> Response:
        return _detail(request, serial_number)

    @router.get("/{serial_number}/pem")
    def download(request: Request, serial_number: str) -> Response:
        """Return the certificate as a file; it holds no secret."""
        detail = acts.decoded(principal_of(request), serial_number).detail
        if detail.pem is None:
            raise NotFound("certificate-not-issued")
        name = f"{detail.summary.serial_number}.pem"
        return Response(
            detail.pem,
            media_type="application/x-pem-file",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

    @router.post("/{serial_number}/revoke")
    def revoke(
        request: Request,
        serial_number: str,
        confirm_name: Short = "",
        reason: Short = "",
        invalidity_date: Short = "",
    ) -> Response:
        """Revoke once the officer has typed whose certificate it is."""
        principal = principal_of(request)
        credential = acts.get(principal, serial_number)
        errors = []
        if reason not in REASONS:
            errors.append(FieldError("reason", "revocation-reason-required"))
        if confirm_name.strip() != credential.display_name:
            errors.append(FieldError("confirm_name", "confirm-name-wrong"))
        try:
            acts.read_invalidity_date(invalidity_date)
        except Invalid as wrong:
            errors += wrong.fields
        if errors:
            typed = {"confirm_name": confirm_name, "reason": reason}
            typed["invalidity_date"] = invalidity_date
            return _detail(request, serial_number, errors, typed)
        by = actor_of(request)
        receipt = acts.revoke(principal, serial_number, reason, by, invalidity_date)
        return _receipt(request, credential, receipt)

    @router.post("/{serial_number}/hold")
    def hold(request: Request, serial_number: str) -> Response:
        principal = principal_of(request)
        credential = acts.get(principal, serial_number)
        return _receipt(request, credential, acts.hold(principal, serial_number, actor_of(request)))

    @router.post("/{serial_number}/release")
    def release(
        request: Request, serial_number: str, note: Annotated[str, Form(max_length=2000)] = ""
    ) -> Response:
        """Release, or lead to the proposal that waits for a second officer."""
        principal = principal_of(request)
        credential = acts.get(principal, serial_number)
        try:
            done = acts.release(principal, serial_number, actor_of(request), note)
        except Invalid as wrong:
            return _detail(request, serial_number, wrong.fields, {"note": note})
        if isinstance(done, ProposalView):
            return RedirectResponse(f"/security/approvals/{done.id}", 303)
        return _receipt(request, credential, done)

    def _detail(
        request: Request,
        serial_number: str,
        errors: Sequence[FieldError] = (),
        typed: dict[str, str] | None = None,
    ) -> Response:
        decoded = acts.decoded(principal_of(request), serial_number)
        return pages.render(
            request,
            "gateway/certificate.html",
            422 if errors else 200,
            row=decoded.credential,
            detail=decoded.detail,
            history=decoded.history,
            errors=errors,
            typed=typed or {},
            reasons=REASONS,
            release_takes_two=acts.release_takes_two,
        )

    def _receipt(request: Request, credential: Credential, receipt: Receipt) -> Response:
        return pages.render(
            request,
            "gateway/receipt.html",
            receipt=receipt,
            display_name=credential.display_name,
        )

    return router
