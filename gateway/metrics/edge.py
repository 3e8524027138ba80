"""What an edge's agent counts; it serves its own port (`serve_metrics`)."""

from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from foundation.observing import outcome_of
from gateway.metrics.registry import make_registry

_EFFECT = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30)


class EdgeMetrics:
    """Counters of one agent."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or make_registry()
        self._lease = Gauge(
            "certgate_edge_lease_timestamp_seconds",
            "Until when this edge lets anybody into the portal.",
            registry=self.registry,
        )
        self._effect = Histogram(
            "certgate_edge_effect_seconds",
            "From a revocation to HAProxy refusing it and its connections being closed.",
            registry=self.registry,
            buckets=_EFFECT,
        )
        self._looks = Counter(
            "certgate_edge_looks_total", "Looks at the database, by how they ended.",
            ("outcome",), registry=self.registry,
        )  # fmt: skip
        self._whole_loads = Counter(
            "certgate_edge_whole_loads_total", "Loads of everything, behind a closed door.",
            registry=self.registry,
        )  # fmt: skip
        self._cut = Counter(
            "certgate_edge_connections_cut_total", "Connections closed for what ended.",
            registry=self.registry,
        )  # fmt: skip

    def lease_renewed(self, until: datetime) -> None:
        """Tell until when the loaded state is trusted."""
        self._lease.set(until.timestamp())

    def took_effect(self, after: timedelta) -> None:
        """Count a revocation that this edge has put into effect so long after the act."""
        self._effect.observe(max(0.0, after.total_seconds()))

    def looked(self, error: BaseException | None) -> None:
        """Count a look, which ended with `error` or did what it is for."""
        self._looks.labels(outcome_of(error)).inc()

    def loads_everything(self) -> None:
        """Count the beginning of a whole load."""
        self._whole_loads.inc()

    def connections_cut(self, count: int) -> None:
        """Count closed connections."""
        self._cut.inc(count)
