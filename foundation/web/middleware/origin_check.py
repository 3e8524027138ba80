"""Refuses state-changing requests that another site makes a browser send.

Browsers say where a request comes from in Sec-Fetch-Site (W3C Fetch Metadata)
and Origin (RFC 6454, section 7); a page cannot forge either. A program such as
curl sends neither and is let through: it carries nobody else's cookies.
"""

from collections.abc import Collection

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from foundation.errors import Denied
from foundation.web.middleware.refusal import Refuse

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_OWN_SITES = frozenset({"same-origin", "none"})


class OriginCheck:
    """Lets a state change pass only from the own origin.

    `origins` names the own origins (``https://portal.example:9443``), which is
    needed behind an edge; without any, it is the scheme and Host of the request.
    Nor is it asked at the `exempt` paths, which every site may send a browser to.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        refuse: Refuse,
        origins: Collection[str] = (),
        exempt: Collection[str] = (),
    ) -> None:
        self._app = app
        self._refuse = refuse
        self._origins = frozenset(origins)
        self._exempt = frozenset(exempt)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if (
            scope["type"] == "http"
            and scope["method"] not in SAFE_METHODS
            and scope["path"] not in self._exempt
        ):
            request = Request(scope)
            if not self._is_own(request):
                response = self._refuse(request, Denied("cross-site-request"))
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_own(self, request: Request) -> bool:
        site = request.headers.get("sec-fetch-site")
        if site is not None and site not in _OWN_SITES:
            return False
        origin = request.headers.get("origin")
        return origin is None or origin in (self._origins or _origin_of(request))


def _origin_of(request: Request) -> set[str]:
    return {f"{request.url.scheme}://{request.headers.get('host', '')}"}
