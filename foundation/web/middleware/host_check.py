"""Refuses requests that name another host than those this listener serves.

Other layers derive the own origin from the Host header, and a page of another
name that resolves to this address must not become "same origin" by it (DNS
rebinding). RFC 9110, sections 7.2 and 15.5.20. Where it is not clear which host
is named, or none is, the request is malformed (RFC 9112, section 3.2).
"""

from collections.abc import Collection

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from foundation.errors import Denied, Failure, Invalid
from foundation.web.middleware.refusal import Refuse
from foundation.web.requests import has_well_formed_host, host_name_of


class HostCheck:
    """Lets requests pass whose one Host header names one of `hosts`, whatever the port.

    Without `hosts` it may name anything, and be left out by HTTP/1.0.
    """

    def __init__(self, app: ASGIApp, *, refuse: Refuse, hosts: Collection[str]) -> None:
        self._app = app
        self._refuse = refuse
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        refusal = self._refusal(Request(scope)) if scope["type"] == "http" else None
        if refusal is not None:
            await self._refuse(Request(scope), refusal)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _refusal(self, request: Request) -> Failure | None:
        if not has_well_formed_host(request):
            is_old = request.scope.get("http_version") == "1.0" and "host" not in request.headers
            return None if is_old and not self._hosts else Invalid("malformed-request")
        if self._hosts and host_name_of(request) not in self._hosts:
            return Denied("misdirected-request")
        return None
