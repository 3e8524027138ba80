"""Usernames and serial numbers as they are typed."""

import pytest

from enrollment.pickup.serial_numbers import normalise_serial_number
from enrollment.subscribers.usernames import Usernames, normalise_username


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("wh000123", "wh000123"),
        (" WH000123 ", "wh000123"),
        ("zhang.wei-2_b", "zhang.wei-2_b"),
        ("ab", None),
        ("a" * 33, None),
        ("1abc", None),
        ("a..b", None),
        ("abc.", None),
        ("张伟", None),
        ("a b c", None),
        ("abc\x00", None),
        ("", None),
    ],
)
def test_a_username_is_lower_case_ascii(typed: str, stored: str | None) -> None:
    assert normalise_username(typed) == stored


@pytest.mark.parametrize(
    ("chosen", "codes"),
    [
        ("zhang.wei", []),
        ("whitney", []),
        ("Zhang", ["username-malformed"]),
        ("wh1", ["username-reserved"]),
        ("wh000123", ["username-reserved"]),
        ("operator", ["username-reserved"]),
    ],
)
def test_officers_cannot_choose_what_units_are_given(chosen: str, codes: list[str]) -> None:
    assert [error.code for error in Usernames("wh").chosen_errors(chosen)] == codes


@pytest.mark.parametrize(
    ("typed", "serial_number"),
    [
        ("7a3f09", "7A3F09"),
        (" 7A3F 09C1-d2:e4 ", "7A3F09C1D2E4"),
        ("７Ａ３Ｆ", "7A3F"),
        ("", None),
        ("7G", None),
        ("F" * 40, "F" * 40),
        ("F" * 41, None),
        ("F " * 1000, None),
    ],
)
def test_a_serial_number_may_be_typed_in_groups(typed: str, serial_number: str | None) -> None:
    assert normalise_serial_number(typed) == serial_number
