"""Ports for servers under test, which nothing else on the machine takes in the meantime.

A port that was bound to 0 and closed again is soon given to an outgoing connection
of another test. Those come from `ip_local_port_range` (32768 and above on Linux);
these lie below, and each worker of pytest has its own.
"""

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

_FIRST, _PER_WORKER, _WORKERS = 20_000, 1_500, 8
# Not from the beginning each time: two runs beside each other rarely meet.
_steps = count(os.getpid())


@dataclass(frozen=True)
class Ports:
    """One port for each listener (contract, section Start)."""

    pki: int
    public: int
    portal: int


def free_ports() -> Ports:
    """Return three ports that nobody listens on now, and that were not returned lately."""
    free = (port for port in _turns() if _is_free(port))
    return Ports(next(free), next(free), next(free))


def _turns() -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
    for step in _steps:
        yield _FIRST + worker * _PER_WORKER + step % _PER_WORKER


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
