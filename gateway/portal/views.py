"""Login, logout, home and the password screen, for people (LOGIN-01..08)."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from foundation.errors import Denied, Failure, FieldError, Invalid, Throttled
from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from gateway.admission import SESSION_COOKIE
from gateway.admission.requests import admitted_of, certificate_of
from gateway.login import continuation
from gateway.portal.services import PortalServices

Short = Annotated[str, Form(max_length=64)]
Secret = Annotated[str, Form(max_length=512)]

_LOGIN_STATUS = {"credentials-wrong": 401}


def portal_router(services: PortalServices, pages: Pages) -> APIRouter:
    """Return the screens every subscriber sees, whatever they do behind them."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def home(request: Request) -> Response:
        principal = admitted_of(request).principal
        return RedirectResponse(services.navigation.home_of(principal), 303)

    @router.get("/login")
    def login_form(request: Request) -> Response:
        # "again": an application asked for a login now, whoever is here.
        if getattr(request.state, "admitted", None) is not None and "again" not in (
            request.query_params
        ):
            return RedirectResponse("/", 303)
        return _login_page(request)

    @router.post("/login")
    def log_in(request: Request, username: Short = "", password: Secret = "") -> Response:
        try:
            logged_in = services.login.log_in(
                certificate_of(request),
                username,
                password,
                actor_of(request),
                unverified_earlier_token=request.cookies.get(SESSION_COOKIE),
            )
        except (Denied, Throttled) as failure:
            return _login_page(request, username, failure)
        # Never to an address from the request: no open redirect.
        on = "/password" if logged_in.must_change_password else continuation.after_login(request)
        answer = RedirectResponse(on, 303)
        services.cookies.hand_out(request, answer, logged_in)
        return answer

    @router.post("/logout")
    def log_out(request: Request) -> Response:
        services.logout.log_out(admitted_of(request), actor_of(request))
        answer = RedirectResponse("/login", 303)
        services.cookies.take_back(answer)
        return answer

    @router.get("/password")
    def password_form(request: Request) -> Response:
        return _password_page(request)

    @router.post("/password")
    def change_password(
        request: Request,
        old_password: Secret = "",
        new_password: Secret = "",
        confirmation: Secret = "",
    ) -> Response:
        try:
            logged_in = services.password_reset.change(
                admitted_of(request),
                old_password,
                new_password,
                actor_of(request),
                confirmation=confirmation,
            )
        except (Invalid, Throttled) as failure:
            return _password_page(request, failure)
        answer = RedirectResponse(continuation.after_login(request), 303)
        services.cookies.hand_out(request, answer, logged_in)
        return answer

    @router.get(continuation.CONTINUE)
    def go_on(request: Request) -> Response:
        place = continuation.find(request)
        if place is None:
            return RedirectResponse("/", 303)
        answer = pages.render(request, "gateway/continue.html", place=place)
        continuation.forget(answer)
        return answer

    def _login_page(
        request: Request, username: str = "", failure: Failure | None = None
    ) -> Response:
        certificate = certificate_of(request)
        with services.database.reading() as session:
            owner = services.authenticators.certificate_owner(session, certificate.serial_number)
        return pages.render(
            request,
            "gateway/login.html",
            _status(failure),
            headers=_retry_after(failure),
            certificate=certificate,
            owner=owner,
            username=username,
            failure=failure,
        )

    def _password_page(request: Request, failure: Failure | None = None) -> Response:
        admitted = admitted_of(request)
        errors: tuple[FieldError, ...] = ()
        if failure is not None:
            errors = failure.fields or (FieldError("old_password", failure.code, _shown(failure)),)
        return pages.render(
            request,
            "gateway/password.html",
            _status(failure),
            headers=_retry_after(failure),
            forced=admitted.must_change_password,
            errors=errors,
            minimum=services.passwords.minimum_length,
        )

    return router


def _status(failure: Failure | None) -> int:
    if failure is None:
        return 200
    if isinstance(failure, Throttled):
        return 429
    if isinstance(failure, Invalid):
        return 422
    return _LOGIN_STATUS.get(failure.code, 403)


def _shown(failure: Failure) -> dict[str, str | int]:
    params = dict(failure.params)
    if isinstance(failure, Throttled):
        params["minutes"] = _minutes(failure)
    return params


def _retry_after(failure: Failure | None) -> dict[str, str]:
    if not isinstance(failure, Throttled):
        return {}
    return {"retry-after": str(max(1, round(failure.retry_after.total_seconds())))}


def _minutes(failure: Throttled) -> int:
    return max(1, -(-int(failure.retry_after.total_seconds()) // 60))
