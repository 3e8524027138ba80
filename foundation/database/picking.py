"""A page of rows that no index has together: picked while walking, and never walking too far."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")

Window = Callable[[Row | None, int], Sequence[Row]]
"""Returns so many rows of an ordered list behind one, or from its beginning; fewer at its end."""

# What is frequent fills a page from the first window; what is not needs longer
# ones, of which none is so long that a planner would rather read a whole table.
_FIRST, _LONGEST = 128, 1_024
_FURTHEST = 4_500


@dataclass(frozen=True)
class Picked(Generic[Row]):
    """The rows that fit, and the one behind which to go on, or None when that was all."""

    rows: tuple[Row, ...]
    last: Row | None


def pick(
    lists: Sequence[Window[Row]],
    fits: Callable[[Row], bool],
    *,
    most: int,
    after: Row | None = None,
) -> Picked[Row]:
    """Return the first rows that fit, `most` (1 or more) at most, of one list after the other.

    `after` is a row of the first list. It looks at a few thousand rows and
    then returns what it has, which may be nothing: then `last` is the last row
    it looked at.
    """
    picked: list[Row] = []
    looked_at = 0
    last = after
    for window in lists:
        behind, after = after, None
        while True:
            if looked_at >= _FURTHEST:
                return Picked(tuple(picked), last)
            size = min(_LONGEST, 4 * looked_at or _FIRST)
            rows = window(behind, size)
            looked_at += len(rows)
            for row in rows:
                behind = last = row
                if not fits(row):
                    continue
                if len(picked) == most:
                    return Picked(tuple(picked), picked[-1])
                picked.append(row)
            if len(rows) < size:
                break
    return Picked(tuple(picked), None)
