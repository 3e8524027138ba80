"""Keyset pages: a list goes on after the last row that was shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from foundation.errors import Invalid

Item = TypeVar("Item")

LONGEST_PAGE = 100
LARGEST_KEY = 2**63 - 1


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some rows, and the cursor of the next ones if there are any."""

    items: tuple[Item, ...]
    next: str | None


def read_cursor(unverified_cursor: str | None) -> int | None:
    """Return the key a cursor stands for; raises Invalid for anything we never gave out."""
    if not unverified_cursor:
        return None
    if unverified_cursor.isascii() and unverified_cursor.isdigit():
        key = int(unverified_cursor[:20])
        if 0 < key <= LARGEST_KEY:
            return key
    raise Invalid("cursor-invalid", field="after")


def page_of(rows: Sequence[Item], keys: Sequence[int], limit: int) -> Page[Item]:
    """Return a page of at most `limit` of `rows`, of which one more was read if there is one."""
    more = len(rows) > limit
    return Page(tuple(rows[:limit]), str(keys[limit - 1]) if more else None)
