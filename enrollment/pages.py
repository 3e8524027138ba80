"""One page of a list, with the key to go on after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

LONGEST_PAGE = 100


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some items in order; `next` is what to pass as `after` for those that follow, or None."""

    items: tuple[T, ...]
    next: str | None


def page_size(limit: int) -> int:
    """Return `limit` within 1 and `LONGEST_PAGE`."""
    return max(1, min(limit, LONGEST_PAGE))


def next_key(keys: Sequence[str], limit: int) -> str | None:
    """Return the key of the page's last row when more rows than `limit` were found."""
    return keys[limit - 1] if len(keys) > limit else None
