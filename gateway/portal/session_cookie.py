"""The session cookie: ``__Host-`` binds it to this origin (RFC 6265bis 4.1.3.2)."""

from starlette.responses import Response

from gateway.admission_layer import SESSION_COOKIE
from gateway.login import LoggedIn


def hand_out(answer: Response, logged_in: LoggedIn) -> None:
    """Put the session's token into `answer`; Lax, so that links to the portal work."""
    answer.set_cookie(
        SESSION_COOKIE,
        logged_in.token,
        expires=logged_in.session.expires_at,
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )


def take_back(answer: Response) -> None:
    """Make the browser forget its session."""
    answer.delete_cookie(SESSION_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
