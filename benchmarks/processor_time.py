"""How much processor time other processes take, which hardly depends on what else is running."""

import os
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

_TICK = 1 / os.sysconf("SC_CLK_TCK")
# Behind the name in brackets: state is the first, utime the twelfth, stime the thirteenth.
_USER, _SYSTEM = 11, 12


def per_second_of_processor(
    pid: int, operation: Callable[[], object], weight: int, seconds: float
) -> float:
    """Return how many of an operation's `weight` units a second of that process's time is good for.

    Its children are counted with it. `seconds` is how long to measure: a
    hundred ticks of ten milliseconds say a hundredth.
    """
    before = seconds_of(pid)
    operation()
    units = weight
    until = perf_counter() + seconds
    while perf_counter() < until:
        operation()
        units += weight
    return units / max(_TICK, seconds_of(pid) - before)


def seconds_of(pid: int) -> float:
    """Return user and system time of a process and of those it has started, as long as they run."""
    folder = Path(f"/proc/{pid}")
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    own = (int(fields[_USER]) + int(fields[_SYSTEM])) * _TICK
    children = {
        int(child)
        for thread in (folder / "task").iterdir()
        for child in (thread / "children").read_text().split()
    }
    return own + sum(map(seconds_of, children))
