"""Who watches this process, put together: nobody unless the settings say so."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.types import ASGIApp

from foundation.errors import Invalid
from foundation.observing import NOBODY, Observer, Observers
from foundation.settings import Settings
from gateway.metrics import NodeMetrics
from gateway.metrics.request_layer import RequestLayer

if TYPE_CHECKING:
    # OpenTelemetry is an extra, and slow to import.
    from gateway.tracing.tracing import Tracing


@dataclass(frozen=True)
class Observation:
    """What counts and what traces, and the two as the services see them."""

    observer: Observer = NOBODY
    metrics: NodeMetrics | None = None
    tracing: "Tracing | None" = None

    def around(self, app: ASGIApp, door: str) -> ASGIApp:
        """Return the application of a door, watched."""
        if self.metrics is not None:
            app = RequestLayer(app, self.metrics, door)
        return self.tracing.around(app, door) if self.tracing is not None else app

    def close(self) -> None:
        """Give away what has not been given away."""
        if self.tracing is not None:
            self.tracing.close()


def observe(settings: Settings) -> Observation:
    """Return what watches a serving process of these settings.

    Raises `Invalid` when traces are wanted and the extra `tracing` is missing.
    """
    metrics = NodeMetrics() if settings.metrics_port is not None else None
    tracing = _tracing(settings.otlp_endpoint) if settings.otlp_endpoint is not None else None
    observers = [one for one in (metrics, tracing) if one is not None]
    return Observation(Observers(observers) if observers else NOBODY, metrics, tracing)


def _tracing(endpoint: str) -> "Tracing":
    try:
        from gateway.tracing.tracing import Tracing  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as missing:
        raise Invalid("tracing-missing", field="otlp_endpoint") from missing
    return Tracing.to_collector(endpoint)
