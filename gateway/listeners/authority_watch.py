"""Takes a rollover over that another process made: the command line, another node.

A rollover begins a new revocation epoch, so that one cheap question a second is
enough, and every process of an installation hears of it by itself.
"""

import asyncio
from collections.abc import Callable

import structlog

_LOG = structlog.get_logger(__name__)
_POLL_SECONDS = 1.0


class AuthorityWatch:
    """Runs in the event loop of the serving process."""

    def __init__(self, read_epoch: Callable[[], int], take_over: Callable[[], None]) -> None:
        """Both may block; `take_over` changes nothing when there was no rollover."""
        self._read_epoch = read_epoch
        self._take_over = take_over

    async def run(self) -> None:
        """Watch until cancelled; what fails is tried again, the authorities stay as they are."""
        seen: int | None = None
        while True:
            try:
                epoch = await asyncio.to_thread(self._read_epoch)
                if epoch != seen:
                    await asyncio.to_thread(self._take_over)
                    seen = epoch
            except Exception:
                _LOG.exception("authority_watch_failed")
            await asyncio.sleep(_POLL_SECONDS)
