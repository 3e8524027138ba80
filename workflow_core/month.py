"""A calendar month, the unit in which contributions are counted (YYYY-MM)."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, order=True)
class Month:
    """One month; earlier months are smaller."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the month a day lies in."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The month written YYYY-MM; raises ValueError for anything else."""
        match = _MONTH.fullmatch(text)
        if match is None or match[1] == "0000":
            raise ValueError("a month is written YYYY-MM")
        return cls(int(match[1]), int(match[2]))

    def plus(self, months: int) -> "Month":
        """Return the month so many months later."""
        count = self.year * 12 + (self.number - 1) + months
        return Month(count // 12, count % 12 + 1)

    def through(self, last: "Month") -> int:
        """Return how many months lie from this one to `last`, both counted; may be negative."""
        return (last.year - self.year) * 12 + last.number - self.number + 1

    @property
    def first_day(self) -> date:
        """The first day of the month."""
        return date(self.year, self.number, 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"
