"""An end for a process that was asked to end and cannot.

Without its database a running job is tried again for ever, by a thread that the
interpreter waits for. What is durable has been committed by then, and jobs are
taken up by others; waiting longer keeps nothing.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog

# Jobs get five seconds to end (`foundation.jobs`); the rest asks the database a
# few times, and is given up after as long as a connection takes to fail.
SECONDS: Final = 20.0
# sysexits.h, EX_TEMPFAIL: not in good order, and nothing to repair.
_STATUS: Final = 75

_LOG = structlog.get_logger(__name__)


@contextmanager
def ended_within(seconds: float, end: Callable[[int], object] = os._exit) -> Iterator[None]:
    """End this process when the block takes more than so many seconds, whatever still runs."""
    timer = end_later(seconds, end)
    try:
        yield
    finally:
        timer.cancel()


def end_later(seconds: float, end: Callable[[int], object] = os._exit) -> threading.Timer:
    """End this process in so many seconds, unless it has ended by itself."""

    def give_up() -> None:
        running = sorted(one.name for one in threading.enumerate() if not one.daemon)
        _LOG.error("ended_without_waiting", threads=running)
        end(_STATUS)

    timer = threading.Timer(seconds, give_up)
    timer.name, timer.daemon = "last-resort", True
    timer.start()
    return timer
