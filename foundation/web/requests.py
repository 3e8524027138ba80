"""What a request says about itself, read from the places the middleware fills.

``request.state`` carries: ``request_id``, ``language``, ``form_token`` (set by
`foundation.web.middleware`) and ``principal`` (set by the gateway after login).
"""

import re
from typing import Protocol

from starlette.requests import Request
from starlette.types import Scope

from foundation.audit import Actor
from foundation.i18n import DEFAULT_LANGUAGE

# uri-host [ ":" port ], with an IPv6 address in brackets (RFC 3986, section 3.2.2).
_HOST = re.compile(r"(?P<name>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
# Also other names than a host can have, and none (RFC 3986, sections 3.2.2 and 3.2.3).
_HOST_FIELD = re.compile(
    r"([A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*(:[0-9]*)?"
    r"|\[([0-9A-Fa-f:.]+|v[0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+)\](:[0-9]*)?"
)
# A client may invent methods and paths; whoever counts them wants few.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
_NO_ROUTE = "none"

JSON_PREFIXES = ("/api/", "/.well-known/")


class Named(Protocol):
    """The little that the ground floor knows of an authenticated principal."""

    @property
    def username(self) -> str:
        """The subscriber's username."""
        ...

    @property
    def display_name(self) -> str:
        """The name shown on pages."""
        ...


def principal_or_none(request: Request) -> Named | None:
    """Return who the gateway says is asking, or None before login."""
    principal: Named | None = getattr(request.state, "principal", None)
    return principal


def actor_of(request: Request) -> Actor:
    """Return whom the audit log names for what this request does."""
    address, request_id = client_address(request), request_id_of(request)
    principal = principal_or_none(request)
    if principal is None:
        return Actor.anonymous(address, request_id)
    return Actor(principal.username, address, request_id)


def client_address(request: Request) -> str | None:
    """Return the address of the peer, as the listener (or the trusted edge) tells it."""
    return request.client.host if request.client else None


def has_well_formed_host(request: Request) -> bool:
    """Say whether there is exactly one Host header, with a value that RFC 9110 allows."""
    named = [value for name, value in request.scope["headers"] if name == b"host"]
    return len(named) == 1 and is_host_field(named[0])


def is_host_field(value: bytes) -> bool:
    """Say whether `value` is ``uri-host [ ":" port ]`` (RFC 9110, section 7.2)."""
    return _HOST_FIELD.fullmatch(value.decode("latin-1")) is not None


def host_name_of(request: Request) -> str:
    """Return the name in the Host header, without the port, in lower case; empty for any other.

    Whether it is one of ours is `foundation.web.middleware.host_check`'s to say.
    """
    named = [value for name, value in request.scope["headers"] if name == b"host"]
    match = _HOST.fullmatch(named[0].decode("latin-1")) if len(named) == 1 else None
    return "" if match is None else match["name"].strip("[]").lower()


def request_id_of(request: Request) -> str | None:
    """Return the identifier under which this request stands in the logs."""
    request_id: str | None = getattr(request.state, "request_id", None)
    return request_id


def language_of(request: Request) -> str:
    """Return the language the answer should be in."""
    language: str = getattr(request.state, "language", DEFAULT_LANGUAGE)
    return language


def wants_json(request: Request) -> bool:
    """Say whether a failure should be answered by a problem document, not by a page."""
    if request.scope["path"].startswith(JSON_PREFIXES):
        return True
    accept = request.headers.get("accept", "")
    return "json" in accept and "text/html" not in accept


def method_of(scope: Scope) -> str:
    """Return the method, or `other` for one that is not ours: clients invent them."""
    return scope["method"] if scope["method"] in _METHODS else "other"


def route_of(scope: Scope) -> str:
    """Return the template of the route that was taken, once it was; `none` without one."""
    return getattr(scope.get("route"), "path", None) or _NO_ROUTE
