"""Reading the fields of a form whose shape only its module knows."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request

_MOST_FIELDS = 200

Fields = Mapping[str, list[str]]


async def _read_fields(request: Request) -> Fields:
    fields: dict[str, list[str]] = {}
    async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
        for name, value in form.multi_items():
            if isinstance(value, str):
                fields.setdefault(name, []).append(value)
    return fields


SubmittedFields = Annotated[Fields, Depends(_read_fields)]


def last_of(fields: Fields, name: str) -> str:
    """Return the last value sent for `name`, or an empty text."""
    return fields.get(name, [""])[-1]
