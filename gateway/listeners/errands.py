"""What every serving process does for itself again and again, once a minute if not said otherwise.

Durable jobs run on one node of several; a node's own files and counters are
nobody else's affair.
"""

import asyncio
from collections.abc import Callable, Sequence

import structlog

_SECONDS = 60.0

_LOG = structlog.get_logger(__name__)


class Errands:
    """Runs in the event loop; the errands run in other threads, one after the other."""

    def __init__(self, errands: Sequence[Callable[[], object]], seconds: float = _SECONDS) -> None:
        self._errands = errands
        self._seconds = seconds

    async def run(self) -> None:
        """Run until cancelled; an errand that fails is tried again the next time."""
        while True:
            await asyncio.sleep(self._seconds)
            for errand in self._errands:
                try:
                    await asyncio.to_thread(errand)
                except Exception:
                    _LOG.exception("errand_failed")
