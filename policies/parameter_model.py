"""The strictness that every table of ``parameters.toml`` shares."""

from pydantic import BaseModel, ConfigDict


class ParameterModel(BaseModel):
    """Frozen, without defaults, and without room for a misspelt name.

    No parameter has a default in code: the document is the whole truth, and a
    parameter that is missing from it stops the start.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
