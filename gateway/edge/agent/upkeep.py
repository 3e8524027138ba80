"""Keeping the files beside the looks: a long CRL must not make a revocation wait."""

import threading
from collections.abc import Callable
from typing import Final

import structlog

# As many CRLs in a row as there are revocations: one of them is enough.
_AT_MOST_EVERY: Final = 2.0
_AT_LEAST_EVERY: Final = 10.0

_LOG = structlog.get_logger(__name__)


class Upkeep:
    """A thread of its own."""

    def __init__(self, keep: Callable[[], str | None], tell: Callable[[str | None], None]) -> None:
        """`tell` hears the code of what an operator should see to, or None, each time."""
        self._keep = keep
        self._tell = tell
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="edge-upkeep", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Look soon; may be called from any thread."""
        self._woken.set()

    def stop(self) -> None:
        """End, and wait until the thread has ended."""
        self._stopping.set()
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        told: str | None = None
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                note = self._keep()
            except Exception as failed:
                # Whatever it was, the next time may do; the text may hold an address.
                note = "upkeep-failed"
                _LOG.error("edge_upkeep_failed", failure=type(failed).__name__)
            if note != told and note is not None:
                _LOG.error("edge_needs_attention", note=note)
            told = note
            self._tell(note)
            if not self._stopping.wait(_AT_MOST_EVERY):
                self._woken.wait(_AT_LEAST_EVERY)
