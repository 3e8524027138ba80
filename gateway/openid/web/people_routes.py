"""Where browsers are sent by applications: to be asked who they are, and to log out."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from foundation.errors import Invalid
from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from gateway.admission import Admitted
from gateway.login import Logout, continuation
from gateway.openid.addresses import AUTHORIZE, END_SESSION
from gateway.openid.authorization import SignInFirst
from gateway.openid.provider.requests import Pairs
from gateway.openid.services import OpenIdServices
from gateway.openid.web.reading import FormPairs, provider_request, query_pairs
from gateway.portal.session_cookie import SessionCookies

# A request of ours is a few hundred octets; the longest has an ID token as its hint.
_LONGEST_QUERY = 6000
_STEPS = {"login": "/login", "again": "/login?again=1", "reset": "/password"}
_WISHES = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")


def people_router(
    services: OpenIdServices, logout: Logout, cookies: SessionCookies, pages: Pages
) -> APIRouter:
    """Return the routes of the portal door for people."""
    router = APIRouter(include_in_schema=False)

    @router.get(AUTHORIZE)
    def authorize(request: Request) -> Response:
        """Ask who somebody is, for an application (OpenID Connect Core section 3.1.2)."""
        if len(request.scope["query_string"]) > _LONGEST_QUERY:
            raise Invalid("malformed-request")
        return _authorize(request, query_pairs(request))

    @router.post(AUTHORIZE)
    def authorize_posted(request: Request, pairs: FormPairs) -> Response:
        """Do the same with the parameters in the body (section 3.1.2.1), and there alone."""
        query = urlencode(pairs)
        if request.scope["query_string"] or len(query) > _LONGEST_QUERY:
            raise Invalid("malformed-request")
        if _admitted(request) is None:
            # A browser keeps the session's cookie out of what another site posts
            # (RFC 6265bis section 5.6.7.1): whether somebody is here, the same
            # request says as a link.
            return RedirectResponse(f"{AUTHORIZE}?{query}", 303)
        return _authorize(request, pairs)

    def _authorize(request: Request, pairs: Pairs) -> Response:
        asked = provider_request(request, services.addresses.authorize, pairs)
        answer = services.authorization.answer(asked, _admitted(request))
        if not isinstance(answer, SignInFirst):
            return answer
        first = RedirectResponse(_STEPS[answer.step], 303)
        continuation.remember(first, answer.continuation)
        return first

    @router.get(END_SESSION)
    def confirm(request: Request) -> Response:
        """Ask whether to log out (RP-Initiated Logout 1.0 section 2)."""
        pairs = query_pairs(request)
        if _admitted(request) is None:
            return _logged_out(request, pairs)
        wish = services.wishes.read(dict(pairs))
        return pages.render(
            request,
            "gateway/end_session.html",
            wish=wish,
            fields=[(name, value) for name, value in pairs if name in _WISHES],
        )

    @router.post(END_SESSION)
    def end(request: Request, pairs: FormPairs) -> Response:
        """Log out; the form's token proves that the subscriber pressed the button."""
        admitted = _admitted(request)
        if admitted is not None:
            logout.log_out(admitted, actor_of(request))
            # The page that follows is nobody's.
            request.scope["state"].pop("principal", None)
            request.scope["state"].pop("admitted", None)
        answer = _logged_out(request, pairs)
        cookies.take_back(answer)
        return answer

    def _logged_out(request: Request, pairs: Pairs) -> Response:
        wish = services.wishes.read(dict(pairs))
        return pages.render(request, "gateway/logged_out.html", wish=wish)

    return router


def _admitted(request: Request) -> Admitted | None:
    admitted = getattr(request.state, "admitted", None)
    return admitted if isinstance(admitted, Admitted) else None
