"""Waiting until several processes listen at one port."""

import time
from pathlib import Path

_SECONDS = 120
_PAUSE = 0.1
# State of a socket in /proc/net/tcp, beside its address and port.
_LISTENS = "0A"


def wait_for_listeners(port: int, count: int) -> None:
    """Return when `count` sockets listen at an IPv4 port; raises `TimeoutError`.

    A connection stays with the process that it was made to, so one that is
    made before the others listen says nothing about them.
    """
    deadline = time.monotonic() + _SECONDS
    while _listeners(port) < count:
        if time.monotonic() > deadline:
            raise TimeoutError(f"fewer than {count} processes listen at {port}")
        time.sleep(_PAUSE)


def _listeners(port: int) -> int:
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[3] == _LISTENS and row[1].endswith(f":{port:04X}") for row in rows)
