"""What the server costs before anybody asks anything: start, idle processor, memory."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter, sleep

from benchmarks.doors import bare_door
from benchmarks.installation import Installation
from benchmarks.processes import has_proc, processor_seconds, resident_megabytes
from benchmarks.table import Row

_BARE = "bare FastAPI process, our TLS"
_SETTLING_SECONDS = 2


@dataclass(frozen=True)
class _Cost:
    start_milliseconds: float
    idle_share: float
    megabytes: float


def measure(installation: Installation, rounds: int, idle_seconds: float) -> list[Row]:
    """Return the rows of the subject; none where the system does not tell.

    The installation's server is stopped and started again in each round.
    """
    if not has_proc():
        return []
    ours, theirs = [], []
    for _ in range(rounds):
        installation.server.stop()
        ours.append(_cost_of_ours(installation, idle_seconds))
        theirs.append(_cost_of_bare(installation, idle_seconds))
    return [
        _row("start until every door answers", "ms", ours, theirs, lambda c: c.start_milliseconds),
        _row("idle, share of one processor", "%", ours, theirs, lambda c: c.idle_share * 100),
        _row("resident memory, idle", "MB", ours, theirs, lambda c: c.megabytes),
    ]


def _cost_of_ours(installation: Installation, idle_seconds: float) -> _Cost:
    started = perf_counter()
    installation.server.start()
    return _cost(started, installation.server.pid, idle_seconds)


def _cost_of_bare(installation: Installation, idle_seconds: float) -> _Cost:
    started = perf_counter()
    with bare_door(installation, "ours", {"/": b"{}"}, asks=True) as door:
        return _cost(started, door.pid, idle_seconds)


def _cost(started: float, pid: int, idle_seconds: float) -> _Cost:
    taken = perf_counter() - started
    sleep(_SETTLING_SECONDS)
    before, since = processor_seconds(pid), perf_counter()
    sleep(idle_seconds)
    share = (processor_seconds(pid) - before) / (perf_counter() - since)
    return _Cost(taken * 1e3, share, resident_megabytes(pid))


def _row(
    what: str, unit: str, ours: list[_Cost], theirs: list[_Cost], figure: Callable[[_Cost], float]
) -> Row:
    our, other = median(map(figure, ours)), median(map(figure, theirs))
    return Row(what, our, _BARE, other, our / other, unit)
