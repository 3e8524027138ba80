"""A page is picked from lists without walking too far."""

from collections.abc import Callable, Sequence

import pytest

from foundation.database import picking
from foundation.database.picking import Window, pick


def numbers(stop: int, asked: list[int] | None = None) -> Window[int]:
    """Return a list of 0, 1, ... below `stop`; each size asked for is noted."""

    def window(last: int | None, size: int) -> Sequence[int]:
        if asked is not None:
            asked.append(size)
        first = 0 if last is None else last + 1
        return range(first, min(stop, first + size))

    return window


def even(number: int) -> bool:
    return number % 2 == 0


def never(number: int) -> bool:
    return False


def walk(lists: Sequence[Window[int]], fits: Callable[[int], bool], most: int) -> list[list[int]]:
    """Return the pages of one list."""
    pages, after = [], None
    while True:
        picked = pick(lists, fits, most=most, after=after)
        pages.append(list(picked.rows))
        after = picked.last
        if after is None:
            return pages


def test_pages_hold_what_fits_once_and_in_order() -> None:
    pages = walk([numbers(21)], even, 4)
    assert pages == [[0, 2, 4, 6], [8, 10, 12, 14], [16, 18, 20]]


@pytest.mark.parametrize(("stop", "pages"), [(0, [[]]), (8, [[0, 2, 4, 6]]), (7, [[0, 2, 4, 6]])])
def test_a_page_that_is_just_full_is_the_last(stop: int, pages: list[list[int]]) -> None:
    assert walk([numbers(stop)], even, 4) == pages


def test_one_list_follows_the_other() -> None:
    picked = pick([numbers(3), numbers(5)], even, most=10)
    assert (list(picked.rows), picked.last) == ([0, 2, 0, 2, 4], None)


def test_what_is_rare_is_not_walked_to_its_end() -> None:
    asked: list[int] = []
    picked = pick([numbers(1_000_000, asked)], never, most=10)
    assert not picked.rows
    assert picked.last == sum(asked) - 1
    assert sum(asked) < 10_000
    assert len(asked) < 10


def test_empty_lists_before_it_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picking, "_FURTHEST", 1)
    monkeypatch.setattr(picking, "_FIRST", 2)
    picked = pick([numbers(0), numbers(0), numbers(0), numbers(2)], never, most=1)
    assert picked.last == 1


def test_it_goes_on_where_it_stopped() -> None:
    def rare(number: int) -> bool:
        return number in {9_000, 19_999}

    pages = walk([numbers(20_000)], rare, 5)
    assert [number for page in pages for number in page] == [9_000, 19_999]


def test_what_is_frequent_is_read_in_one_go() -> None:
    asked: list[int] = []
    pick([numbers(1_000_000, asked)], even, most=50)
    assert len(asked) == 1
