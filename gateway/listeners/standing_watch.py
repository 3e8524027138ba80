"""Cuts open connections whose certificate has lost its standing.

A refused next request is not enough for somebody who keeps a download or an
upload running. The watch reads the revocation epoch when it is woken, and a few
times a second, so that it sees the acts of other processes (the command line,
other nodes) too; seldom, while those announce them. It asks about the connected
certificates only when the epoch has moved.
"""

import asyncio
from collections.abc import Callable, Iterable

import structlog

from gateway.listeners.connections import OpenConnections

_LOG = structlog.get_logger(__name__)
_POLL_SECONDS = 0.2
# An announcement is not lost without the listener knowing; this is for the unknown.
_ANNOUNCED_POLL_SECONDS = 2.0

ReadEpoch = Callable[[], int]
FindFallen = Callable[[Iterable[str]], frozenset[str]]


class StandingWatch:
    """Runs in the event loop of the portal listener."""

    def __init__(
        self,
        connections: OpenConnections,
        read_epoch: ReadEpoch,
        find_fallen: FindFallen,
        is_announced: Callable[[], bool] = lambda: False,
        on_effect: Callable[[int, int], None] = lambda after, up_to: None,
    ) -> None:
        """`find_fallen` takes digests and returns those not in good standing; both may block.

        `on_effect` hears, in a thread, that the acts after one epoch up to
        another are in effect here. `is_announced` says whether the acts of
        other processes wake this watch now.
        """
        self._connections = connections
        self._read_epoch = read_epoch
        self._find_fallen = find_fallen
        self._is_announced = is_announced
        self._on_effect = on_effect
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def wake(self) -> None:
        """Look now; may be called from any thread, and before the watch runs."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Watch until cancelled; a failing database is asked again, not given up on."""
        self._loop = asyncio.get_running_loop()
        seen = -1
        while True:
            # Before the look: what is announced during it is looked at again.
            self._woken.clear()
            try:
                epoch = await asyncio.to_thread(self._read_epoch)
                if epoch != seen:
                    await self._cut_fallen()
                    before, seen = seen, epoch
                    if before >= 0:
                        await asyncio.to_thread(self._on_effect, before, epoch)
            except Exception:
                _LOG.exception("standing_watch_failed")
            await self._pause()

    async def _cut_fallen(self) -> None:
        digests = self._connections.digests()
        if not digests:
            return
        for digest in await asyncio.to_thread(self._find_fallen, digests):
            cut = self._connections.close_all_of(digest)
            _LOG.info("connections_cut", certificate_sha256=digest, count=cut)

    async def _pause(self) -> None:
        seconds = _ANNOUNCED_POLL_SECONDS if self._is_announced() else _POLL_SECONDS
        try:
            await asyncio.wait_for(self._woken.wait(), seconds)
        except TimeoutError:
            return
