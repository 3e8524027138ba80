"""The page on which a subscriber renews the certificate of its session."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from ca.csr import CsrRefused, accept_csr
from ca.verification import VerifiedCertificate
from enrollment.public.downloads import PEM_CHAIN, PKCS12, attachment
from enrollment.services import EnrollmentServices
from foundation.errors import Conflict, Denied, Failure, FieldError, Invalid, Throttled
from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from foundation.web.statuses import status_of
from policies.principal import principal_of

NO_STORE = {"cache-control": "no-store"}
_FILES = ("modern", "compatible")

Secret = Annotated[str, Form(max_length=512)]
Choice = Annotated[str, Form(max_length=16)]
# As long as `ca.csr` reads, and line breaks as a browser sends them.
RequestText = Annotated[str, Form(max_length=17_000)]


def renewal_router(services: EnrollmentServices, pages: Pages) -> APIRouter:
    """Return the pages under ``/renewal``; the session's certificate is what they are about."""
    router = APIRouter(prefix="/renewal", include_in_schema=False)

    @router.get("")
    def show(request: Request) -> Response:
        return _page(request)

    @router.post("")
    def renew(
        request: Request, choice: Choice = "", csr: RequestText = "", password: Secret = ""
    ) -> Response:
        """Make a successor, after the password was proved once more."""
        try:
            _reauthenticate(request, password)
            return _renew(request, choice, csr)
        except (Invalid, Conflict, Throttled) as failure:
            return _page(request, failure, choice=choice, csr=csr)

    @router.post("/download")
    def download(request: Request) -> Response:
        """Hand out the file; it opens with the password that was shown once."""
        file = services.renewal.files.take(_serial_number(request), actor_of(request))
        return attachment(file.pkcs12, PKCS12, file_name=file.file_name)

    @router.post("/discard")
    def discard(request: Request, password: Secret = "") -> Response:
        try:
            _reauthenticate(request, password)
            services.renewal.renewals.discard(_serial_number(request), actor_of(request))
        except (Invalid, Conflict, Throttled) as failure:
            return _page(request, failure)
        return RedirectResponse("/renewal", 303)

    def _renew(request: Request, choice: str, csr: str) -> Response:
        serial_number, by = _serial_number(request), actor_of(request)
        if choice in _FILES:
            file = services.renewal.files.make(serial_number, choice, by)
            return pages.render(
                request, "enrollment/renewal_file.html", headers=NO_STORE, file=file
            )
        if choice != "request":
            raise Invalid("field-required", field="choice")
        if not csr.strip():
            raise Invalid("field-required", field="csr")
        public_key = accept_csr(csr.encode(errors="replace")).public_key
        renewed = services.renewal.renewals.renew(serial_number, public_key, "request", by)
        return attachment(renewed.pem_chain(), PEM_CHAIN, file_name=renewed.file_name)

    def _reauthenticate(request: Request, password: str) -> None:
        """Prove the password again (SP 800-63B section 5.2); raises `Invalid`, `Throttled`."""
        username = principal_of(request).username
        try:
            services.authenticators.verify_password(username, password, actor_of(request))
        except Denied as refused:
            if refused.code != "credentials-wrong":
                raise
            raise Invalid("password-wrong", field="password") from refused

    def _page(
        request: Request, failure: Failure | None = None, *, choice: str = "", csr: str = ""
    ) -> Response:
        with services.database.reading() as session:
            status = services.renewal.statuses.get(session, _serial_number(request))
        return pages.render(
            request,
            "enrollment/renewal.html",
            200 if failure is None else status_of(failure),
            headers=NO_STORE,
            status=status,
            choice=choice or "modern",
            csr=csr,
            errors=_field_errors(failure),
        )

    return router


def _serial_number(request: Request) -> str:
    """Return the serial number of the verified certificate of the connection."""
    certificate = getattr(request.state, "certificate", None)
    if not isinstance(certificate, VerifiedCertificate):
        raise Denied("certificate-required")
    return certificate.serial_number


def _field_errors(failure: Failure | None) -> tuple[FieldError, ...]:
    if failure is None:
        return ()
    if failure.fields:
        return failure.fields
    if isinstance(failure, CsrRefused):
        return (FieldError("csr", failure.code, dict(failure.params)),)
    if isinstance(failure, Throttled):
        minutes = max(1, -(-int(failure.retry_after.total_seconds()) // 60))
        return (FieldError("password", failure.code, {"minutes": minutes}),)
    return (FieldError("choice", failure.code, dict(failure.params)),)
