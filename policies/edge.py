"""Parameters of the edge: how long what it holds is believed."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from policies.durations import Duration
from policies.parameter_model import ParameterModel

_DAY = timedelta(days=1)


class EdgeParameters(ParameterModel):
    """Session tokens and their keys."""

    # What an edge has not heard of is refused at the latest after this long; and
    # a change of roles counts at an application after it.
    token_seconds: Annotated[int, Field(ge=30, le=900)]
    # How long one key signs session tokens, and one signs assertions.
    token_key: Annotated[Duration, Field(ge=timedelta(hours=1), le=30 * _DAY)]
    assertion_key: Annotated[Duration, Field(ge=_DAY, le=400 * _DAY)]

    @property
    def token_lifetime(self) -> timedelta:
        """How long a session token and its assertion are valid."""
        return timedelta(seconds=self.token_seconds)
