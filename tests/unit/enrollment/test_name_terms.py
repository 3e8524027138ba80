"""How names are folded and cut, and what a page's place looks like (decision 28)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrollment.models.terms import LONGEST_TERM
from enrollment.subscribers.search.folding import fold
from enrollment.subscribers.search.places import Place
from enrollment.subscribers.search.terms import (
    CODE_MARK,
    asked_pieces,
    codes_of,
    could_begin_code,
    pieces_of,
    terms_of,
)
from foundation.errors import Invalid

CREDIT_CODE = "91420100177590265L"


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("武汉 长江　贸易", "武汉长江贸易"),
        ("ＴＣＬ华星（武汉）", "tcl华星(武汉)"),
        ("École Ⅲ", "écoleiii"),
        ("E\u0301cole", "école"),
        ("Straße", "strasse"),
        ("ｶﾞｽ", "ガス"),
        ("㍿東芝", "株式会社東芝"),
        ("長江", "長江"),
        ("a\0b\u200bc\ud800d\ne", "abcde"),
        (" \t\u3000\u200b\0", ""),
        ("100％_\\", "100%_\\"),
    ],
)
def test_what_looks_the_same_is_the_same(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@given(st.text())
def test_folding_twice_changes_nothing_and_leaves_no_space(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert not any(each.isspace() for each in folded)
    folded.encode()


@given(st.text("武汉公司ab12 é(", min_size=1, max_size=12), st.data())
def test_a_name_has_every_piece_that_a_part_of_it_is_asked_for_with(
    name: str, data: st.DataObject
) -> None:
    folded = fold(name)
    if not folded:
        return
    start = data.draw(st.integers(0, len(folded) - 1))
    part = folded[start : data.draw(st.integers(start + 1, len(folded)))]
    asked = asked_pieces(part)
    assert asked
    assert set(asked) <= pieces_of(folded)
    if len(part) <= 2:
        assert asked == [part]


def test_a_long_text_is_asked_for_with_a_few_pieces() -> None:
    assert len(asked_pieces("武汉市长江贸易有限公司" * 18)) <= 16
    assert asked_pieces("单位1234567")[0] == "123"


def test_codes_begin_where_papers_begin() -> None:
    assert codes_of("wh000123", CREDIT_CODE) == [
        "000123", "177590265l", "91420100177590265l", "wh000123",
    ]  # fmt: skip
    assert codes_of("li.wei", None) == [".wei", "li.wei"]
    assert codes_of("zhang", None) == ["zhang"]


def test_no_piece_of_a_name_looks_like_a_code() -> None:
    terms = terms_of(fold("wh 000123 有限公司"), "wh000123", CREDIT_CODE)
    marked = {term for term in terms if term.startswith(CODE_MARK)}
    assert marked == {CODE_MARK + code for code in codes_of("wh000123", CREDIT_CODE)}
    assert max(map(len, terms)) <= LONGEST_TERM


@pytest.mark.parametrize("text", ["", "武汉", "a b", "é", "x" * 33, "a%", "a~", "\u0660"])
def test_what_no_code_begins_with(text: str) -> None:
    assert not could_begin_code(text)


@pytest.mark.parametrize(
    "place", [Place("all", 7), Place("name"), Place("code", 3, "wh-1.x"), Place("unwritten", 1)]
)
def test_a_place_comes_back_as_it_was(place: Place) -> None:
    assert Place.read(str(place)) == place


@pytest.mark.parametrize(
    "text",
    ["", "wh000001", "all", "all-", "all--1", "all-01", f"all-{2**63}", "all-1-A", "name-1-\0",
     "all-1\n", "all-٣", "nobody-1", "code-1-" + "a" * 33],
)  # fmt: skip
def test_what_never_was_a_place_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="page-unknown"):
        Place.read(text)
