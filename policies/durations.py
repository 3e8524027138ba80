"""Lengths of time as people write them: ``"30 minutes"``, ``"2 years"``."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

_FORM = re.compile(r"(\d{1,5}) (second|minute|hour|day|year)s?")

_UNITS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "year": timedelta(days=365),  # no leap days: a lifetime, not an anniversary
}


def parse_duration(text: object) -> timedelta:
    """Return the length that `text` names; a timedelta passes through.

    Raises ValueError for anything else, bare numbers included: they do not say
    of what.
    """
    if isinstance(text, timedelta):
        return text
    match = _FORM.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError('write a length of time as "30 minutes", "7 days", "2 years"')
    return int(match.group(1)) * _UNITS[match.group(2)]


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
