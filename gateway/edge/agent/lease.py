"""The lease: until when HAProxy may act on what it was told.

It is an entry of a map that only a whole load puts there, closed, and that is
changed ever after: a process that was started anew has no such entry, so that
none is opened that was not loaded.
"""

from datetime import datetime, timedelta

from gateway.edge.agent.proxy import Proxy

_MAP, _KEY = "leases", "portal"
_CLOSED = "0"


class Lease:
    """The lease of the portal's door."""

    def __init__(self, proxy: Proxy, length: timedelta) -> None:
        self._proxy = proxy
        self._length = length

    def begin_closed(self) -> None:
        """Close the door, and make the entry that `renew` changes."""
        self._proxy.replace(_MAP, [(_KEY, _CLOSED)])

    def renew(self, known_at: datetime) -> bool:
        """Open the door for what was true at `known_at`; return False when there is no entry.

        The length counts from before the database was asked: what it answered may be so old.
        """
        until = int((known_at + self._length).timestamp())
        return self._proxy.change(_MAP, _KEY, str(until))

    def withdraw(self) -> None:
        """Close the door now."""
        self._proxy.change(_MAP, _KEY, _CLOSED)
