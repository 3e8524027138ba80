"""How months, ethnicities and typed texts are read."""

from datetime import date

import pytest

from foundation.errors import Invalid
from workflow_core.month import Month
from workflow_core.pagination import page_of, read_cursor
from workflow_core.registry.ethnicity import ethnicities, find_ethnicity
from workflow_core.typed_text import read_query, read_text


def test_months_count_over_the_year() -> None:
    december = Month.of(date(2026, 12, 31))

    assert str(december.plus(1)) == "2027-01"
    assert str(december.plus(-12)) == "2025-12"
    assert december.through(Month(2027, 2)) == 3
    assert Month(2027, 2).through(december) == -1
    assert Month.parse("2027-01") > december


@pytest.mark.parametrize(
    "text", ["", "2027", "2027-13", "2027-1", "2027-00", "0000-01", "２０２７-01"]
)
def test_refuses_what_is_no_month(text: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM"):
        Month.parse(text)


def test_there_are_56_ethnicities_and_two_other_entries() -> None:
    rows = ethnicities()

    assert len([row for row in rows if row.letters]) == 56
    assert [row.number for row in rows] == [f"{n:02}" for n in [*range(1, 57), 97, 98]]
    assert len({row.name for row in rows}) == len(rows)


@pytest.mark.parametrize("word", ["han", "HA", "ha", "01", "汉", "汉族", " 汉族 "])
def test_an_ethnicity_is_known_by_all_its_names(word: str) -> None:
    found = find_ethnicity(word)

    assert found is not None
    assert found.name == "han"
    assert (found.label("zh"), found.label("en")) == ("汉族", "Han")


def test_every_name_and_letter_code_means_its_own_row() -> None:
    for row in ethnicities():
        assert find_ethnicity(row.name) is row
        assert find_ethnicity(row.chinese) is row
        assert not row.letters or find_ethnicity(row.letters) is row
    assert find_ethnicity("klingon") is None


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("  \n", "field-required"),
        ("长" * 11, "text-too-long"),
        ("a\x00b", "text-unprintable"),
        ("\ud800", "text-unprintable"),
    ],
)
def test_text_that_cannot_be_kept_is_refused(typed: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_text(typed, field="reason", longest=10)

    assert refused.value.code == code


def test_text_is_trimmed_and_keeps_its_lines() -> None:
    assert read_text(" 一\r\n二 ", field="reason", longest=10) == "一\n二"
    assert read_query(" a\x00b\ud800 ") == "ab"


@pytest.mark.parametrize("cursor", ["0", "-1", "x", "1 or 1=1", "9" * 30, "１"])
def test_a_cursor_we_never_gave_out_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        read_cursor(cursor)


def test_a_page_knows_whether_there_is_more() -> None:
    assert read_cursor(None) is None
    assert read_cursor("7") == 7
    assert page_of("abc", [9, 8, 7], 2).next == "8"
    assert page_of("ab", [9, 8], 2).next is None
