"""The one place where the time is read.

Every rule about dates takes a `Clock`, so that tests can stand on any day.
"""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """A source of the present moment."""

    def now(self) -> datetime:
        """Return the present as an aware UTC datetime."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the machine's time as an aware UTC datetime."""
        return datetime.now(UTC)
