"""Lengths of time as people write them."""

from datetime import timedelta

import pytest

from policies.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("1 second", timedelta(seconds=1)),
        ("30 minutes", timedelta(minutes=30)),
        ("12 hours", timedelta(hours=12)),
        ("7 days", timedelta(days=7)),
        ("20 years", timedelta(days=7300)),
    ],
)
def test_a_length_names_its_unit(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length
    assert parse_duration(length) == length


@pytest.mark.parametrize(
    "text", ["", "30", 30, "30min", "-1 days", "1.5 hours", "1 fortnight", None]
)
def test_anything_else_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="write a length of time"):
        parse_duration(text)
