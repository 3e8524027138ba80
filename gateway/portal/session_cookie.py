"""The cookies of a session: ``__Host-`` binds each to this host (RFC 6265bis 4.1.3.2)."""

from starlette.requests import Request
from starlette.responses import Response

from foundation.web.requests import host_name_of
from gateway.admission import SESSION_COOKIE
from gateway.edge.tokens import cookies
from gateway.edge.tokens.service import EdgeTokens
from gateway.login import LoggedIn


class SessionCookies:
    """Hands out what a browser carries, and takes it back."""

    def __init__(self, tokens: EdgeTokens | None) -> None:
        """`tokens` is None where no edge stands in front: then nothing is minted."""
        self._tokens = tokens

    def hand_out(self, request: Request, answer: Response, logged_in: LoggedIn) -> None:
        """Put the session's token into `answer`, and what an edge decides by.

        Lax, so that links to the portal work.
        """
        answer.set_cookie(
            SESSION_COOKIE,
            logged_in.token,
            expires=logged_in.session.expires_at,
            path="/",
            secure=True,
            httponly=True,
            samesite="lax",
        )
        if self._tokens is None:
            return
        minted = self._tokens.of_login(logged_in, host_name_of(request))
        if minted is None:
            # Not those of an earlier session either.
            cookies.take_off(answer)
        else:
            cookies.put_on(answer, minted)

    def take_back(self, answer: Response) -> None:
        """Make the browser forget its session."""
        answer.delete_cookie(SESSION_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
        if self._tokens is not None:
            cookies.take_off(answer)
