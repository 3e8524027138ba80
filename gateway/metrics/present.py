"""What is read when Prometheus asks: the state of the installation, not what this node did.

Every node tells the same of the database; whoever draws or alarms takes the
maximum over nodes. Without a database only that is told.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from ca.crl.models import CrlRecord, CrlScopeRecord
from foundation.audit import AuditEntry
from foundation.audit.checkpoints import find_newest
from foundation.database import Database
from gateway.nodes.model import Node

_LOG = structlog.get_logger(__name__)


class PresentState(Collector):
    """Reads the database at each collection, in one transaction; may block, never raises."""

    def __init__(self, database: Database, waiting_jobs: Callable[[], dict[str, int]]) -> None:
        self._database = database
        self._waiting_jobs = waiting_jobs

    def describe(self) -> Iterable[Metric]:
        """Return nothing: registering must not ask the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield what can be read now."""
        yield from self._pool()
        try:
            with self._database.reading() as session:
                found = [*_crls(session), *_audit(session), _nodes(session)]
            found.append(_by("certgate_jobs", "Jobs by state.", "state", self._waiting_jobs()))
        except Exception as failed:
            _LOG.warning("metrics_incomplete", failure=type(failed).__name__)
            found = []
        is_up = GaugeMetricFamily("certgate_database_up", "Whether the database answers.")
        is_up.add_metric((), 1 if found else 0)
        yield is_up
        yield from found

    def _pool(self) -> Iterator[Metric]:
        pool = self._database.engine.pool
        if isinstance(pool, QueuePool):
            counts = {"in_use": pool.checkedout(), "idle": pool.checkedin()}
            yield _by(
                "certgate_database_connections", "Connections of this node's pool.", "state", counts
            )


def _crls(session: Session) -> Iterator[Metric]:
    made = GaugeMetricFamily(
        "certgate_crl_this_update_timestamp_seconds", "When the CRL was made.",
        labels=("issuer", "scope"),
    )  # fmt: skip
    ends = GaugeMetricFamily(
        "certgate_crl_next_update_timestamp_seconds", "Until when the CRL is good.",
        labels=("issuer", "scope"),
    )  # fmt: skip
    late = GaugeMetricFamily(
        "certgate_crl_overdue", "Whether an act happened that the CRL does not show yet.",
        labels=("issuer", "scope"),
    )  # fmt: skip
    query = select(CrlRecord, CrlScopeRecord.overdue_since).join(
        CrlScopeRecord,
        (CrlRecord.issuer == CrlScopeRecord.issuer)
        & (CrlRecord.scope == CrlScopeRecord.scope)
        & (CrlRecord.crl_number == CrlScopeRecord.crl_number),
    )
    for crl, overdue_since in session.execute(query):
        labels = (crl.issuer, crl.scope)
        made.add_metric(labels, crl.this_update.timestamp())
        ends.add_metric(labels, crl.next_update.timestamp())
        late.add_metric(labels, int(overdue_since is not None))
    yield from (made, ends, late)


def _audit(session: Session) -> Iterator[Metric]:
    newest = find_newest(session)
    entries = session.scalar(select(func.max(AuditEntry.sequence))) or 0
    unsigned = GaugeMetricFamily(
        "certgate_audit_unsigned_entries", "Entries after the newest checkpoint."
    )
    unsigned.add_metric((), entries - (newest.size if newest is not None else 0))
    yield unsigned
    oldest: datetime | None = session.scalar(
        select(AuditEntry.at)
        .where(AuditEntry.sequence > (newest.size if newest is not None else 0))
        .order_by(AuditEntry.sequence)
        .limit(1)
    )
    if oldest is not None:
        # An installation where nothing happens makes no checkpoints, and is not late.
        waits = GaugeMetricFamily(
            "certgate_audit_oldest_unsigned_timestamp_seconds",
            "When the oldest entry was written that no checkpoint covers.",
        )
        waits.add_metric((), oldest.timestamp())
        yield waits


def _nodes(session: Session) -> Metric:
    nodes = GaugeMetricFamily("certgate_nodes", "Nodes that count in the database.")
    nodes.add_metric((), session.scalar(select(func.count()).select_from(Node)) or 0)
    return nodes


def _by(name: str, text: str, label: str, counts: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=(label,))
    for value, count in counts.items():
        family.add_metric((value,), count)
    return family
