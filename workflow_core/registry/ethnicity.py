"""The ethnicities of GB/T 3304-1991, read from the table beside this file.

The table keeps the standard's own words, so that neither code nor catalogue
repeats 58 names. Filings and records hold `name`; what people and other
programs write instead (the numeric or the letter code, the Chinese word) is
understood by `find_ethnicity`.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

_SUFFIX = "\u65cf"  # "ethnic group": Han people write their ethnicity with or without it


@dataclass(frozen=True)
class Ethnicity:
    """One row of the standard."""

    name: str
    number: str
    letters: str
    chinese: str
    english: str

    def label(self, language: str) -> str:
        """Return how pages in `language` write it."""
        return self.english if language == "en" else self.chinese


@cache
def ethnicities() -> tuple[Ethnicity, ...]:
    """All rows, in the order of the standard."""
    table = files("workflow_core.registry").joinpath("ethnicities.csv")
    rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    return tuple(Ethnicity(**row) for row in rows)


def find_ethnicity(unverified_text: str) -> Ethnicity | None:
    """The ethnicity meant by a name, a numeric code, a letter code or the Chinese word."""
    return _by_word().get(unverified_text.strip().casefold())


@cache
def _by_word() -> Mapping[str, Ethnicity]:
    words: dict[str, Ethnicity] = {}
    for row in ethnicities():
        short = row.chinese.removesuffix(_SUFFIX)
        for word in (row.name, row.number, row.letters, row.chinese, short):
            if word:
                words.setdefault(word.casefold(), row)
    return MappingProxyType(words)
