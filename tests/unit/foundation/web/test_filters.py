"""Times in Shanghai, amounts with two decimals, ID numbers masked."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from foundation.web.filters import (
    grouped,
    local_date_in,
    local_second_in,
    local_time_in,
    masked_id,
    money,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
LATE_EVENING_UTC = datetime(2027, 1, 4, 20, 30, tzinfo=UTC)


def test_a_time_is_told_in_shanghai() -> None:
    assert local_time_in(SHANGHAI)(LATE_EVENING_UTC) == "2027-01-05 04:30"
    assert local_second_in(SHANGHAI)(LATE_EVENING_UTC) == "2027-01-05 04:30:00"


def test_a_day_is_the_day_in_shanghai() -> None:
    assert local_date_in(SHANGHAI)(LATE_EVENING_UTC) == "2027-01-05"
    assert local_date_in(SHANGHAI)(date(2027, 1, 4)) == "2027-01-04"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (Decimal("1234567.5"), "1,234,567.50"),
        (6500, "6,500.00"),
        (Decimal("-0.10"), "-0.10"),
        (0, "0.00"),
        (None, "—"),
    ],
)
def test_amounts_have_two_decimals_and_separators(amount: Decimal | None, shown: str) -> None:
    assert money(amount) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("42010619900307123X", "420106********123X"),
        ("420106900307123", "420106*****7123"),
        ("4201", "****"),
        (None, "—"),
    ],
)
def test_an_id_number_hides_the_birth_date(number: str | None, shown: str) -> None:
    assert masked_id(number) == shown


def test_a_serial_number_is_grouped_for_reading() -> None:
    assert grouped("4A2F91B37C") == "4A2F 91B3 7C"
    assert grouped("4A2F91B37C", 2) == "4A 2F 91 B3 7C"
    assert grouped(None) == "—"


def test_nothing_is_shown_as_a_dash() -> None:
    assert local_time_in(SHANGHAI)(None) == local_second_in(SHANGHAI)(None) == "—"
    assert local_date_in(SHANGHAI)(None) == "—"
