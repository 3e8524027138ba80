"""What Prometheus reads of the installation, and what the dashboard and the alerts name."""

import json
import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import text

from foundation.audit import Actor, AuditLog
from foundation.database import Database
from gateway.metrics import EdgeMetrics, NodeMetrics
from gateway.metrics.present import PresentState
from gateway.nodes import Presence
from tests.support.clock import FakeClock

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
# Told by Prometheus itself of whatever it fetches, and by the process collector.
OF_OTHERS = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}


def waiting() -> dict[str, int]:
    return {"enqueued": 2, "delayed": 1, "pending": 0}


@pytest.fixture
def registry(database: Database) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(PresentState(database, waiting))
    return registry


def test_the_state_of_an_installation_is_read_when_it_is_asked_for(
    database: Database, registry: CollectorRegistry
) -> None:
    clock = FakeClock()
    with database.writing() as session:
        AuditLog(clock).record(session, "pebble.found", by=Actor.system(), subject="pebble:1")
    Presence(database, clock, executor_id="first", name="first").beat()

    assert registry.get_sample_value("certgate_database_up") == 1
    assert registry.get_sample_value("certgate_nodes") == 1
    assert registry.get_sample_value("certgate_jobs", {"state": "enqueued"}) == 2
    assert registry.get_sample_value("certgate_audit_unsigned_entries") == 1
    oldest = registry.get_sample_value("certgate_audit_oldest_unsigned_timestamp_seconds")
    assert oldest == clock.now().timestamp()


def test_without_a_database_that_alone_is_told(
    database: Database, registry: CollectorRegistry
) -> None:
    with database.writing() as session:
        session.execute(text("DROP TABLE nodes"))

    assert registry.get_sample_value("certgate_database_up") == 0
    assert registry.get_sample_value("certgate_nodes") is None
    assert registry.get_sample_value("certgate_audit_unsigned_entries") is None


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_every_metric_that_is_drawn_or_alarmed_on_exists(database: Database) -> None:
    known = set(OF_OTHERS)
    state = CollectorRegistry()
    with database.writing() as session:
        AuditLog(FakeClock()).record(session, "pebble.found", by=Actor.system(), subject="p:1")
    state.register(PresentState(database, waiting))
    for registry in (NodeMetrics().registry, EdgeMetrics().registry, state):
        for family in registry.collect():
            known |= samples_of(family.name, family.type)

    dashboard = json.loads((DEPLOY / "grafana" / "dashboards" / "certgate.json").read_text())
    drawn = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    alarmed = (DEPLOY / "prometheus" / "alerts.yml").read_text()
    named = set(re.findall(r"\b(?:certgate|process)_\w+", " ".join([*drawn, alarmed])))

    assert len(drawn) >= 15
    assert named - known == set()
    # And the other way: nothing is counted that nobody looks at.
    assert {name for name in known if name.startswith("certgate_")} - used_by(named) == set()


def samples_of(name: str, kind: str) -> set[str]:
    """Return what a family's samples are called."""
    if kind == "histogram":
        return {f"{name}_bucket", f"{name}_count", f"{name}_sum"}
    return {f"{name}_total"} if kind == "counter" else {name}


def used_by(named: set[str]) -> set[str]:
    """Return every sample of the families that are named."""
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name in named}
    return named | {f"{name}{end}" for name in families for end in ("_bucket", "_count", "_sum")}
