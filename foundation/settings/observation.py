"""Where what a process does is seen: numbers and traces."""

from typing import Annotated

from pydantic import BaseModel, Field, IPvAnyAddress

from foundation.settings.kinds import Port


class ObservationSettings(BaseModel):
    """Prometheus fetches the numbers; traces are sent to a collector."""

    # Nobody is asked there who he is.
    metrics_port: Port | None = None
    metrics_bind: IPvAnyAddress = Field(default=IPvAnyAddress("127.0.0.1"))  # type: ignore[operator]
    # The collector's whole URL as http://localhost:4318/v1/traces.
    otlp_endpoint: Annotated[str, Field(pattern=r"^https?://[^@?#]+$")] | None = None
