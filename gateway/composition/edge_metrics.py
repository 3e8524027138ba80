"""An edge's agent, counted: what it looks at, loads, reports and closes."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from foundation.clock import Clock
from foundation.database import Database
from foundation.settings import Settings
from gateway.composition.effects import effects_to
from gateway.edge.agent.loop import Looking
from gateway.edge.agent.reporting import Reporting
from gateway.edge.registry import EdgeRegistry
from gateway.metrics import EdgeMetrics, serve_metrics


class MeasuredReporting(Reporting):
    """A `Reporting` whose reports are counted as well."""

    def __init__(
        self,
        database: Database,
        registry: EdgeRegistry,
        clock: Clock,
        name: str,
        instance: str,
        *,
        metrics: EdgeMetrics,
        trust: timedelta,
    ) -> None:
        """`trust` is how long HAProxy may act without news, as the lease has it."""
        super().__init__(database, registry, clock, name, instance)
        self._metrics = metrics
        self._trust = trust
        self._effects = effects_to(metrics.took_effect, database, clock)
        self._counted: int | None = None

    def loading(self) -> None:
        """Say that the door is closed and everything is being loaded."""
        self._metrics.loads_everything()
        super().loading()

    def in_force(
        self, epoch: int, refused_at: datetime, closed_at: datetime, connections_closed: int
    ) -> None:
        """Say that everything up to `epoch` is in force; called at the end of every look."""
        # First, for receipts wait for it.
        super().in_force(epoch, refused_at, closed_at, connections_closed)
        self._metrics.lease_renewed(refused_at + self._trust)
        self._metrics.connections_cut(connections_closed)
        before, self._counted = self._counted, epoch
        if before is not None and before < epoch:
            # Numbers are no reason to do the whole look again.
            with suppress(SQLAlchemyError):
                self._effects(before, epoch)


class MeasuredLooks:
    """Something that looks, each time counted by how it ended."""

    def __init__(self, looking: Looking, metrics: EdgeMetrics) -> None:
        self._looking = looking
        self._metrics = metrics

    def look(self) -> bool:
        """Look once; return and raise what the look does."""
        try:
            is_again = self._looking.look()
        except Exception as error:
            self._metrics.looked(error)
            raise
        self._metrics.looked(None)
        return is_again


@contextmanager
def edge_metrics(settings: Settings) -> Iterator[EdgeMetrics]:
    """Yield what counts, and serve it when the settings name a port; raises `OSError`."""
    metrics = EdgeMetrics()
    if settings.metrics_port is None:
        yield metrics
        return
    with serve_metrics(metrics.registry, str(settings.metrics_bind), settings.metrics_port):
        yield metrics
