"""How times, amounts and identifiers are written on pages."""

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from decimal import Decimal

NOTHING = "—"

_ID_HEAD = 6
_ID_TAIL = 4


def local_time_in(zone: tzinfo) -> Callable[[datetime | None], str]:
    """Return a filter writing an aware time as ``2026-03-05 14:30`` in `zone`."""

    def local_time(moment: datetime | None) -> str:
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment else NOTHING

    return local_time


def local_second_in(zone: tzinfo) -> Callable[[datetime | None], str]:
    """Return a filter writing an aware time as ``2026-03-05 14:30:07`` in `zone`."""

    def local_second(moment: datetime | None) -> str:
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if moment else NOTHING

    return local_second


def local_date_in(zone: tzinfo) -> Callable[[date | datetime | None], str]:
    """Return a filter writing a day as ``2026-03-05``; a time is taken to `zone` first."""

    def local_date(day: date | datetime | None) -> str:
        if isinstance(day, datetime):
            day = day.astimezone(zone).date()
        return day.isoformat() if day else NOTHING

    return local_date


def money(amount: Decimal | int | None) -> str:
    """Write an amount in yuan with two decimals and a thousands separator."""
    return NOTHING if amount is None else f"{Decimal(amount):,.2f}"


def masked_id(number: str | None) -> str:
    """Write an ID number with its middle hidden: region and last four stay readable."""
    if not number:
        return NOTHING
    hidden = len(number) - _ID_HEAD - _ID_TAIL
    if hidden <= 0:
        return "*" * len(number)
    return f"{number[:_ID_HEAD]}{'*' * hidden}{number[-_ID_TAIL:]}"


def grouped(value: str | None, size: int = 4) -> str:
    """Write a long identifier in groups of `size` characters, for reading and typing."""
    if not value:
        return NOTHING
    return " ".join(value[start : start + size] for start in range(0, len(value), size))
