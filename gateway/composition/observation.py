"""Who watches this process, put together: nobody unless the settings say so."""

from dataclasses import dataclass

from foundation.observing import NOBODY, Observer, Observers
from foundation.settings import Settings
from gateway.metrics import NodeMetrics


@dataclass(frozen=True)
class Observation:
    """What counts and what traces, and the two as the services see them."""

    observer: Observer = NOBODY
    metrics: NodeMetrics | None = None


def observe(settings: Settings) -> Observation:
    """Return what watches a serving process of these settings."""
    if settings.metrics_port is None:
        return Observation()
    metrics = NodeMetrics()
    return Observation(Observers([metrics]), metrics)
