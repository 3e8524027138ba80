"""Whatever two lists have in common, what was lost is found (RFC 5280 section 3.3)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca.crl.building import CrlContent, write_tbs
from ca.crl.comparison import Comparison, OldListUnsorted, compare_unsorted
from ca.crl.encoding import encode_entry
from ca.crl.entries import Listed
from tests.support.clock import NEW_YEAR
from tests.support.drafts import authority

CONTENT = CrlContent(7, NEW_YEAR, NEW_YEAR + timedelta(days=7))
REASONS = (None, "keyCompromise", "superseded")

# Small numbers, so that lists have much in common; of several lengths in DER.
SERIALS = st.integers(1, 400).map(lambda number: number * 37)
LISTS = st.dictionaries(SERIALS, st.sampled_from(REASONS), max_size=60)


def _signed(entries: dict[int, str | None], order: list[int] | None = None) -> bytes:
    issuing = authority("issuing")
    encoded = [
        encode_entry(f"{serial:X}", NEW_YEAR, entries[serial])
        for serial in (order or sorted(entries))
    ]
    return issuing.signer.sign_crl(write_tbs(issuing, replace(CONTENT), iter(encoded)))


def _lost(new: dict[int, str | None], old: dict[int, str | None]) -> tuple[set[int], Listed]:
    previous = _signed(old)
    comparison = Comparison(_signed(new), previous)
    lost: dict[int, tuple[int, int]] = {}
    for some in comparison.lost_in_parts():
        lost |= some
    for serial, (start, end) in lost.items():
        assert previous[start:end] == encode_entry(f"{serial:X}", NEW_YEAR, old[serial])
    return set(lost), comparison.listed


@given(LISTS, LISTS)
def test_any_two_lists(new: dict[int, str | None], old: dict[int, str | None]) -> None:
    lost, listed = _lost(new, old)
    assert lost == old.keys() - new.keys()
    assert listed == Listed(len(new), sum(new))


@given(LISTS, st.sets(SERIALS, max_size=3), st.sets(SERIALS, max_size=3))
def test_lists_that_differ_in_little(
    old: dict[int, str | None], added: set[int], removed: set[int]
) -> None:
    new = {**old, **dict.fromkeys(added)}
    for serial in removed:
        new.pop(serial, None)
    lost, listed = _lost(new, old)
    assert lost == old.keys() - new.keys()
    assert listed == Listed(len(new), sum(new))


@given(LISTS, st.data())
def test_an_old_list_in_another_order_is_noticed(
    old: dict[int, str | None], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(sorted(old)))
    comparison = Comparison(_signed(old), _signed(old, order))
    try:
        lost = [some for some in comparison.lost_in_parts() if some]
    except OldListUnsorted:
        return
    assert list(order) == sorted(old)
    assert lost == []


@given(LISTS, LISTS, st.randoms(use_true_random=False))
def test_without_any_order_the_same_is_found(
    new: dict[int, str | None], old: dict[int, str | None], random: object
) -> None:
    order = sorted(new)
    random.shuffle(order)  # type: ignore[attr-defined]
    lost, listed = compare_unsorted(_signed(new, order), _signed(old))
    assert set(lost) == old.keys() - new.keys()
    assert listed == Listed(len(new), sum(new))


@pytest.mark.parametrize("size", [1, 499, 500, 501, 3_000])
def test_many_losses_come_in_parts(size: int) -> None:
    old: dict[int, str | None] = dict.fromkeys(range(1, size + 1))
    parts = list(Comparison(_signed({}), _signed(old)).lost_in_parts())
    assert set().union(*parts) == set(old)
    assert all(len(part) <= 500 for part in parts)
