"""What anybody sees before holding a certificate: landing page, pickup, root certificate."""

from typing import Annotated, Literal

from fastapi import APIRouter, Cookie, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from enrollment.pickup.redemption import OpenedPickup
from enrollment.public.downloads import CERTIFICATE, PEM_CHAIN, PKCS12, attachment
from enrollment.services import EnrollmentServices
from foundation.errors import Conflict, Denied, Failure, FieldError, Invalid, Throttled
from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from foundation.web.statuses import status_of

TICKET_COOKIE = "certgate_pickup"
NO_STORE = {"cache-control": "no-store"}

Ticket = Annotated[str, Cookie(alias=TICKET_COOKIE, max_length=200)]
Short = Annotated[str, Form(max_length=200)]
# As long as `ca.csr` reads, and line breaks as a browser sends them.
RequestText = Annotated[str, Form(max_length=17_000)]


def public_router(
    services: EnrollmentServices, pages: Pages, *, portal_url: str, root_certificate: bytes
) -> APIRouter:
    """Return the pages of the public listener; `root_certificate` is DER."""
    router = APIRouter(include_in_schema=False)
    fingerprint = services.root_fingerprint_sha256

    @router.get("/")
    def landing(request: Request) -> Response:
        return pages.render(request, "enrollment/landing.html", portal_url=portal_url)

    @router.get("/root.cer")
    def root() -> Response:
        return attachment(root_certificate, CERTIFICATE, file_name="certgate-root.cer")

    @router.get("/pickup")
    def pickup_form(
        request: Request, serial_number: Annotated[str, Query(max_length=200)] = ""
    ) -> Response:
        return _form(request, serial_number)

    @router.post("/pickup")
    def open_pickup(
        request: Request, serial_number: Short = "", download_password: Short = ""
    ) -> Response:
        """Check the pair (DL-07); the ticket stands for it, so that the page can be reloaded."""
        try:
            opened = services.pickup.open(serial_number, download_password, actor_of(request))
        except (Denied, Throttled) as failure:
            return _form(request, serial_number, failure)
        answer = RedirectResponse("/pickup/certificates", 303, headers=NO_STORE)
        _remember(answer, opened)
        return answer

    @router.get("/pickup/certificates")
    def certificates(request: Request, ticket: Ticket = "") -> Response:
        """Show 请下载根证书和个人证书 (DL-09)."""
        return _certificates_page(request, ticket)

    def _certificates_page(
        request: Request, ticket: str, failure: Failure | None = None, csr: str = ""
    ) -> Response:
        opened = services.pickup.for_ticket(ticket) if ticket else None
        if opened is None:
            return _form(request, "", Denied("pickup-ticket-ended"))
        return pages.render(
            request,
            "enrollment/certificates.html",
            200 if failure is None else status_of(failure),
            headers=NO_STORE,
            opened=opened,
            csr=csr,
            failure=failure,
            errors=_csr_errors(failure),
            fingerprint=fingerprint,
            portal_url=portal_url,
        )

    @router.post("/pickup/certificate")
    def certificate(
        request: Request,
        form: Annotated[Literal["modern", "compatible"], Form(alias="format")] = "modern",
        ticket: Ticket = "",
    ) -> Response:
        try:
            picked_up = services.pickup.redeem_ticket(ticket, form, actor_of(request))
        except Denied as failure:
            return _form(request, "", failure)
        except Conflict as failure:
            return _certificates_page(request, ticket, failure)
        return attachment(picked_up.pkcs12, PKCS12, file_name=picked_up.file_name)

    @router.post("/pickup/request")
    def own_key(request: Request, csr: RequestText = "", ticket: Ticket = "") -> Response:
        """Hand out the certificate for a key of the subscriber's own (RFC 2986)."""
        try:
            picked_up = services.pickup.redeem_ticket_csr(
                ticket, csr.encode(errors="replace"), actor_of(request)
            )
        except Denied as failure:
            return _form(request, "", failure)
        except (Invalid, Conflict) as failure:
            return _certificates_page(request, ticket, failure, csr)
        return attachment(picked_up.pem_chain(), PEM_CHAIN, file_name=picked_up.file_name)

    def _form(request: Request, serial_number: str, failure: Failure | None = None) -> Response:
        headers = dict(NO_STORE)
        retry_at = None
        if isinstance(failure, Throttled):
            headers["retry-after"] = str(int(failure.retry_after.total_seconds()) + 1)
            retry_at = services.clock.now() + failure.retry_after
        return pages.render(
            request,
            "enrollment/pickup.html",
            status_code=_status(failure),
            headers=headers,
            serial_number=serial_number,
            failure=failure,
            retry_at=retry_at,
        )

    return router


def _csr_errors(failure: Failure | None) -> tuple[FieldError, ...]:
    if failure is None or isinstance(failure, Conflict):
        return ()
    return (FieldError("csr", failure.code, dict(failure.params)),)


def _status(failure: Failure | None) -> int:
    if failure is None:
        return 200
    return 429 if isinstance(failure, Throttled) else 403


def _remember(answer: Response, opened: OpenedPickup) -> None:
    answer.set_cookie(
        TICKET_COOKIE,
        opened.ticket,
        expires=opened.ticket_expires_at,
        path="/pickup",
        secure=True,
        httponly=True,
        samesite="strict",
    )
