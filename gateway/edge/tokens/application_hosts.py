"""At an application's own host a node answers for one path and no other.

Otherwise the portal would be served under a name that belongs to others, and
its cookies, forms and pages with it.
"""

from collections.abc import Collection

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from foundation.errors import Denied
from foundation.web.middleware.refusal import Refuse
from foundation.web.requests import host_name_of
from gateway.edge.tokens.paths import VISIT


class ApplicationHosts:
    """Refuses everything at `hosts` but the visit, and the visit everywhere else."""

    def __init__(self, app: ASGIApp, *, refuse: Refuse, hosts: Collection[str]) -> None:
        self._app = app
        self._refuse = refuse
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, whose Host header has been checked."""
        if scope["type"] == "http":
            request = Request(scope)
            is_visit = scope["path"] == VISIT
            if is_visit != (host_name_of(request) in self._hosts):
                response = self._refuse(request, Denied("misdirected-request"))
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)
