"""Parameters of the acts that take two officers."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from policies.durations import Duration
from policies.parameter_model import ParameterModel

# How many officers an act takes. Acts of a key ceremony always take two.
Officers = Annotated[int, Field(ge=1, le=2)]


class ApprovalParameters(ParameterModel):
    """How long a proposal waits for its second officer, and which acts need one."""

    # Long enough for the next working day, too short to be found and used later.
    validity: Annotated[Duration, Field(ge=timedelta(minutes=10), le=timedelta(days=14))]
    release: Officers
    bulk_revocation: Officers
