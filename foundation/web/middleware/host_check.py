"""Refuses requests that name another host than those this listener serves.

Other layers derive the own origin from the Host header, and a page of another
name that resolves to this address must not become "same origin" by it (DNS
rebinding). RFC 9110, sections 7.2 and 15.5.20.
"""

import re
from collections.abc import Collection

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from foundation.errors import Denied
from foundation.web.middleware.refusal import Refuse

# uri-host [ ":" port ], with an IPv6 address in brackets (RFC 3986, section 3.2.2).
_HOST = re.compile(r"(?P<name>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


class HostCheck:
    """Lets requests pass whose one Host header names one of `hosts`, whatever the port."""

    def __init__(self, app: ASGIApp, *, refuse: Refuse, hosts: Collection[str]) -> None:
        self._app = app
        self._refuse = refuse
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and not self._is_served(scope):
            response = self._refuse(Request(scope), Denied("misdirected-request"))
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_served(self, scope: Scope) -> bool:
        named = [value for name, value in scope["headers"] if name == b"host"]
        if len(named) != 1:
            return False
        match = _HOST.fullmatch(named[0].decode("latin-1"))
        return match is not None and match["name"].strip("[]").lower() in self._hosts
