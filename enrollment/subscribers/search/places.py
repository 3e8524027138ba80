"""Where a page ended, as it is handed out and comes back."""

import re
from dataclasses import dataclass
from typing import Literal, cast

from foundation.errors import Invalid

Way = Literal["all", "code", "name", "unwritten"]
"""Everybody; by the beginning of a code; by a part of a name; those without terms by either."""

_FORM = re.compile(
    r"(all|code|name|unwritten)-(0|[1-9][0-9]{0,18})(?:-([0-9a-z._-]{1,32}))?", re.ASCII
)
_LARGEST_KEY = 2**63 - 1


@dataclass(frozen=True)
class Place:
    """Behind the row of a subscriber, which in the list of codes stands under `code`."""

    way: Way
    subscriber_id: int = 0
    code: str = ""

    def __str__(self) -> str:
        """Return what `read` understands."""
        return f"{self.way}-{self.subscriber_id}" + (f"-{self.code}" if self.code else "")

    @classmethod
    def read(cls, unverified_text: str) -> "Place":
        """Return the place; raises `Invalid` ("page-unknown") for what never was one."""
        form = _FORM.fullmatch(unverified_text)
        if form is None or int(form[2]) > _LARGEST_KEY:
            raise Invalid("page-unknown", field="after")
        return cls(cast(Way, form[1]), int(form[2]), form[3] or "")
