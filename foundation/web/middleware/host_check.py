"""Refuses requests that name another host than those this listener serves.

Other layers derive the own origin from the Host header, and a page of another
name that resolves to this address must not become "same origin" by it (DNS
rebinding). RFC 9110, sections 7.2 and 15.5.20.
"""

from collections.abc import Collection

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from foundation.errors import Denied
from foundation.web.middleware.refusal import Refuse
from foundation.web.requests import host_name_of


class HostCheck:
    """Lets requests pass whose one Host header names one of `hosts`, whatever the port."""

    def __init__(self, app: ASGIApp, *, refuse: Refuse, hosts: Collection[str]) -> None:
        self._app = app
        self._refuse = refuse
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and host_name_of(Request(scope)) not in self._hosts:
            response = self._refuse(Request(scope), Denied("misdirected-request"))
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)
