"""Closing what a certificate has open.

HAProxy cannot select connections by certificate. It notes the serial number of
each under its client's address and port (`connections.map`), and lists what is
under way with address and port (``show sess``); both are put together here.
A connection on which nothing is under way is in no list and is not closed: it
opens nothing, for its next request is refused.
"""

from collections.abc import Collection

from gateway.edge.agent.proxy import Proxy

_MAP = "connections"
_FRONTEND = "portal"


class LiveConnections:
    """What is under way at the portal's door of one HAProxy."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy

    def close(self, serials: Collection[str], older_than: int = 0) -> int:
        """End everything under way of these certificates; return how many streams.

        `serials` are as HAProxy prints them. With `older_than`, only what began more than
        so many seconds ago. The certificates have to be on the deny list already:
        what comes later is refused there.
        """
        wanted = set(serials)
        if not wanted:
            return 0
        sources = {
            source for source, serial in self._proxy.entries(_MAP).items() if serial in wanted
        }
        if not sources:
            return 0
        pointers = [
            stream.pointer
            for stream in self._proxy.streams(_FRONTEND)
            if stream.source in sources and stream.age >= older_than
        ]
        self._proxy.shut_down(pointers)
        return len(pointers)

    def clean(self) -> None:
        """Forget connections on which nothing is under way: most of them are gone.

        The next request on one that is not gone notes it again. One that came
        while this looked is put back; nothing is closed meanwhile, for the same
        thread does both.
        """
        noted = self._proxy.entries(_MAP)
        idle = noted.keys() - {stream.source for stream in self._proxy.streams(_FRONTEND)}
        if not idle:
            return
        self._proxy.drop(_MAP, sorted(idle))
        busy = {stream.source for stream in self._proxy.streams(_FRONTEND)} & idle
        present = self._proxy.entries(_MAP)
        self._proxy.add(_MAP, [(source, noted[source]) for source in sorted(busy - present.keys())])
