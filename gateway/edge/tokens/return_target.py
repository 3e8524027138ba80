"""Where a visitor goes back to after a login or for a new token: no open redirect.

An address comes back from the browser, so anybody can write one. It is not
cleaned up and not interpreted: it has one of two exact forms, or there is none.
What is redirected to is always put together here, from a known origin and a path.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

# Visible ASCII without the backslash, which browsers take for a slash, and
# without the fragment, which no server sees. Two slashes at the start would
# name a host (RFC 3986 section 4.2).
_PATH = r"/(?!/)[!\"$-\[\]-~]*"
_PLAIN_PATH = re.compile(_PATH)
_ABSOLUTE = re.compile(rf"(?P<origin>https://[a-z0-9.-]+:[0-9]{{1,5}})(?P<path>{_PATH})?")
_LONGEST = 2_048


@dataclass(frozen=True)
class ReturnTarget:
    """A path of the portal (`host` None) or of an application's own host."""

    host: str | None
    path: str


class ReturnTargets:
    """The places one may return to: the portal and the hosts of the routes."""

    def __init__(self, portal_url: str, read_hosts: Callable[[], Collection[str]]) -> None:
        """`portal_url` names the edge's port too, at which every host is reached.

        `read_hosts` is asked once, when it is first needed.
        """
        self._portal = portal_url
        self._read_hosts = read_hosts

    @cached_property
    def _origins(self) -> dict[str, str]:
        port = urlsplit(self._portal).port or 443
        return {f"https://{host}:{port}": host for host in self._read_hosts()}

    def find(self, unverified: str | None) -> ReturnTarget | None:
        """Return the target that an address names, or None for any address but ours."""
        if not unverified or len(unverified) > _LONGEST:
            return None
        if _PLAIN_PATH.fullmatch(unverified):
            return ReturnTarget(None, unverified)
        absolute = _ABSOLUTE.fullmatch(unverified)
        if absolute is None or absolute["origin"] not in self._origins:
            return None
        return ReturnTarget(self._origins[absolute["origin"]], absolute["path"] or "/")

    def url_of(self, target: ReturnTarget) -> str:
        """Return the whole address of a target."""
        return f"{self.origin_of(target)}{target.path}"

    def origin_of(self, target: ReturnTarget) -> str:
        """Return scheme, host and port of a target."""
        if target.host is None:
            return self._portal
        return next(origin for origin, host in self._origins.items() if host == target.host)

    def spelled(self, target: ReturnTarget) -> str:
        """Return the target as `find` reads it."""
        return target.path if target.host is None else self.url_of(target)
