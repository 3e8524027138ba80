"""Looking again and again: when something is announced, and in any case soon."""

import threading
from collections.abc import Callable
from typing import Final, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from foundation.errors import Conflict, Failure

# The lease is renewed at every look, so never less than each second.
_ANNOUNCED_SECONDS: Final = 1.0
_POLL_SECONDS: Final = 0.1
_AGAIN_SECONDS: Final = 0.01
_AFTER_FAILURE_SECONDS: Final = 0.5

_LOG = structlog.get_logger(__name__)


class Looking(Protocol):
    """What is done again and again."""

    def look(self) -> bool:
        """Do it once; return whether to do it again at once."""
        ...


class AgentLoop:
    """Runs in the thread that calls `run`."""

    def __init__(self, agent: Looking, is_announced: Callable[[], bool]) -> None:
        """`is_announced` says whether changes wake this loop now (`wake`)."""
        self._agent = agent
        self._is_announced = is_announced
        self._woken = threading.Event()
        self._stopping = False
        self._failing: str | None = None

    def wake(self) -> None:
        """Look now; may be called from any thread."""
        self._woken.set()

    def stop(self) -> None:
        """End after the present look; may be called from any thread and from a signal's handler."""
        self._stopping = True
        self._woken.set()

    def run(self) -> None:
        """Look until stopped; raises `Conflict` when another agent has taken the edge's name.

        Every other failure is tried again: the door closes by itself meanwhile.
        """
        while not self._stopping:
            self._woken.clear()
            pause = _ANNOUNCED_SECONDS if self._is_announced() else _POLL_SECONDS
            try:
                if self._agent.look():
                    pause = _AGAIN_SECONDS
            except Conflict:
                raise
            except (Failure, SQLAlchemyError, OSError) as failed:
                self._tell(failed)
                pause = _AFTER_FAILURE_SECONDS
            else:
                self._recover()
            if not self._stopping:
                self._woken.wait(pause)

    def _tell(self, failed: Exception) -> None:
        """Log a failure once, however often it comes again; its text may hold an address."""
        kind = failed.code if isinstance(failed, Failure) else type(failed).__name__
        if kind != self._failing:
            _LOG.error("edge_agent_failed", failure=kind)
            self._failing = kind

    def _recover(self) -> None:
        if self._failing is not None:
            _LOG.info("edge_agent_recovered", failure=self._failing)
            self._failing = None
