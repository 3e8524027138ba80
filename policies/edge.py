"""Parameters of the edge: how long it acts on what it was told, and what it holds is believed."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, model_validator

from policies.durations import Duration
from policies.parameter_model import ParameterModel

_DAY = timedelta(days=1)


class EdgeParameters(ParameterModel):
    """The edge and its agent; session tokens and their keys."""

    # Without its agent, or the agent without the database, an edge shuts the
    # portal's door after so long.
    trust_seconds: Annotated[int, Field(ge=2, le=300)]
    # So long a revocation waits for the edges to say that it is in force there.
    receipt_seconds: Annotated[int, Field(ge=0, le=10)]
    # An edge that was not heard of for so long is away: its door has shut itself.
    away_seconds: Annotated[int, Field(ge=3, le=3600)]
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

    @model_validator(mode="after")
    def _away_is_shut(self) -> "EdgeParameters":
        if self.away_seconds <= self.trust_seconds:
            raise ValueError("away_seconds must be more than trust_seconds")
        return self
