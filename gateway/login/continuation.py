"""Where a login leads when it was asked for in the middle of something.

The page that needs a login remembers itself in a cookie, so that it survives
the login and, the first time, the password reset. The cookie is this origin's
alone (``__Host-``), and whatever it says only leads to a few paths of ours.

The way on begins with a page of its own and not with a redirect: browsers hold
``form-action 'self'`` against every redirect that follows a form, and the way
may end at an application (CSP Level 3 section 6.4.1).
"""

import re
from base64 import urlsafe_b64decode

from starlette.requests import Request
from starlette.responses import Response

from foundation.base64url import base64url

CONTINUE = "/continue"

_COOKIE = "__Host-certgate-continue"
_SECONDS = 600
# Browsers keep cookies of 4096 octets.
_LONGEST = 2800
# A path that begins a visit, with its parameters: nothing that a browser could
# take for another host or another scheme.
_PLACE = re.compile(r"(/openid/authorize|/session/token)\?[A-Za-z0-9%&=+._~*-]*")


def remember(answer: Response, place: str) -> None:
    """Let the next login lead to `place`; one that is not allowed or too long is forgotten."""
    if len(place) > _LONGEST or _PLACE.fullmatch(place) is None:
        forget(answer)
        return
    value = base64url(place.encode())
    answer.set_cookie(
        _COOKIE,
        value,
        max_age=_SECONDS,
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )


def find(request: Request) -> str | None:
    """Return the place that was remembered, or None."""
    value = request.cookies.get(_COOKIE)
    if value is None or len(value) > 2 * _LONGEST:
        return None
    try:
        place = urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode("ascii")
    except ValueError:
        return None
    return place if _PLACE.fullmatch(place) else None


def after_login(request: Request) -> str:
    """Return the path that a login leads to."""
    return "/" if find(request) is None else CONTINUE


def forget(answer: Response) -> None:
    """Let the next login lead home."""
    answer.delete_cookie(_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
