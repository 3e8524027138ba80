"""Doing things in the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from foundation.errors import Failure

T = TypeVar("T")


def at_once(count: int, act: Callable[[], T]) -> list[T | Failure]:
    """Run `act` in so many threads that start together; a failure is a result."""
    return each_at_once(*[act] * count)


def each_at_once(*acts: Callable[[], T]) -> list[T | Failure]:
    """Run every act in a thread of its own, all starting together; results in their order."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], T]) -> T | Failure:
        barrier.wait()
        try:
            return act()
        except Failure as failure:
            return failure

    with ThreadPoolExecutor(len(acts)) as threads:
        return [future.result() for future in [threads.submit(run, act) for act in acts]]
