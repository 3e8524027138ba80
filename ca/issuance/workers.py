"""Doing the same to each of many, on as many processors as this process may use.

The library lets other threads run while it signs and verifies, and that is most
of what a certificate costs; the rest of it takes turns.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")

# Below this a thread costs more than it saves.
_FEWEST = 16


def processors() -> int:
    """Return how many processors this process may run on."""
    return len(os.sched_getaffinity(0))


def do_to_each(do: Callable[[Given], Made], items: Sequence[Given], workers: int) -> list[Made]:
    """Return what `do` makes of each item, in their order.

    Raises what the first item raises that is refused; others after it may have
    been done already.
    """
    count = min(workers, len(items) // _FEWEST)
    if count < 2:
        return [do(item) for item in items]
    size = -(-len(items) // count)
    parts = [items[start : start + size] for start in range(0, len(items), size)]
    with ThreadPoolExecutor(len(parts)) as pool:
        made = pool.map(lambda part: [do(item) for item in part], parts)
        return [one for part in made for one in part]
