"""Failures a user may see: a small hierarchy with a code and safe parameters.

A failure's text lives in the catalogues under ``error.<code>``; its HTTP
status lives in `foundation.web.problems`. The domain knows neither. Parameters
are shown to the user, so they never carry a secret.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

Parameter = str | int


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one field of an input."""

    field: str
    code: str
    params: dict[str, Parameter] = dataclasses.field(default_factory=dict)


class Failure(Exception):
    """Base of every failure that has a text for the user."""

    def __init__(
        self,
        code: str,
        *,
        fields: Sequence[FieldError] = (),
        field: str | None = None,
        **params: Parameter,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
        self.fields = (
            (FieldError(field, code, dict(params)),) if field is not None else tuple(fields)
        )


class Invalid(Failure):
    """The input cannot be accepted as it is."""


class NotFound(Failure):
    """There is no such thing, or none that the asker may know of."""


class Conflict(Failure):
    """The thing is no longer in a state that allows this."""


class Denied(Failure):
    """The asker may not do this."""


class Throttled(Failure):
    """Too many attempts; `retry_after` says how long to wait."""

    def __init__(self, code: str, *, retry_after: timedelta, **params: Parameter) -> None:
        super().__init__(code)
        self.params = params
        self.retry_after = retry_after


class Unavailable(Failure):
    """Something this depends on does not answer; the request may be repeated."""
