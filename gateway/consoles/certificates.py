"""The security officer's console: find a credential, end it, keep the receipt."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from foundation.errors import FieldError
from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from gateway.consoles.credential_acts import REASONS, CredentialActs
from gateway.consoles.credential_search import Credential
from gateway.revocation import Receipt
from policies.principal import principal_of

Short = Annotated[str, Form(max_length=200)]
_HOME = "/security/certificates"


def certificates_router(acts: CredentialActs, pages: Pages) -> APIRouter:
    """Return the pages under ``/security/certificates``."""
    router = APIRouter(include_in_schema=False, prefix=_HOME)

    @router.get("")
    def find(
        request: Request,
        q: Annotated[str, Query(max_length=200)] = "",
        after: Annotated[str | None, Query(max_length=64)] = None,
    ) -> Response:
        found = acts.find(principal_of(request), q, after)
        return pages.render(
            request,
            "gateway/certificates.html",
            found=found.items,
            following=found.next,
            after=after,
            query=q,
        )

    @router.get("/{serial_number}")
    def show(request: Request, serial_number: str) -> Response:
        return _detail(request, acts.get(principal_of(request), serial_number))

    @router.post("/{serial_number}/revoke")
    def revoke(
        request: Request, serial_number: str, confirm_name: Short = "", reason: Short = ""
    ) -> Response:
        """Revoke once the officer has typed whose certificate it is."""
        principal = principal_of(request)
        credential = acts.get(principal, serial_number)
        errors = []
        if reason not in REASONS:
            errors.append(FieldError("reason", "revocation-reason-required"))
        if confirm_name.strip() != credential.display_name:
            errors.append(FieldError("confirm_name", "confirm-name-wrong"))
        if errors:
            return _detail(request, credential, tuple(errors), confirm_name, reason)
        receipt = acts.revoke(principal, serial_number, reason, actor_of(request))
        return _receipt(request, credential, receipt)

    @router.post("/{serial_number}/hold")
    def hold(request: Request, serial_number: str) -> Response:
        principal = principal_of(request)
        credential = acts.get(principal, serial_number)
        return _receipt(request, credential, acts.hold(principal, serial_number, actor_of(request)))

    @router.post("/{serial_number}/release")
    def release(request: Request, serial_number: str) -> Response:
        principal = principal_of(request)
        credential = acts.get(principal, serial_number)
        receipt = acts.release(principal, serial_number, actor_of(request))
        return _receipt(request, credential, receipt)

    def _detail(
        request: Request,
        credential: Credential,
        errors: tuple[FieldError, ...] = (),
        typed: str = "",
        chosen: str = "",
    ) -> Response:
        return pages.render(
            request,
            "gateway/certificate.html",
            422 if errors else 200,
            row=credential,
            errors=errors,
            typed=typed,
            chosen=chosen,
            reasons=REASONS,
        )

    def _receipt(request: Request, credential: Credential, receipt: Receipt) -> Response:
        return pages.render(
            request,
            "gateway/receipt.html",
            receipt=receipt,
            display_name=credential.display_name,
        )

    return router
