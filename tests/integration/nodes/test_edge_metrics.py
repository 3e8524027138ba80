"""An agent's reports and looks, counted (issue item 6)."""

from datetime import timedelta

import pytest

from ca.journal.models import RevocationChange
from foundation.database import Database
from foundation.errors import Unavailable
from gateway.composition.edge_metrics import MeasuredLooks, MeasuredReporting
from gateway.edge.registry import EdgeRegistry
from gateway.metrics import EdgeMetrics
from tests.support.clock import FakeClock

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

TRUST = timedelta(seconds=10)


def revoke(database: Database, clock: FakeClock, epoch: int) -> None:
    with database.writing() as session:
        session.add(
            RevocationChange(
                epoch=epoch, act="revoked", issuer="issuing", serial_number=f"{epoch:040X}",
                at=clock.now(), crl_number=epoch,
            )
        )  # fmt: skip


def test_the_lease_and_the_time_to_effect_are_told(database: Database) -> None:
    clock, metrics = FakeClock(), EdgeMetrics()
    registry = EdgeRegistry(clock, TRUST)
    reporting = MeasuredReporting(
        database, registry, clock, "edge-1", "one", metrics=metrics, trust=TRUST
    )
    value = metrics.registry.get_sample_value
    reporting.enter()
    reporting.loading()
    revoke(database, clock, 1)
    # What was there when the agent came is no act that it was waited for.
    reporting.in_force(1, clock.now(), clock.now(), 0)
    assert value("certgate_edge_effect_seconds_count") == 0

    revoke(database, clock, 2)
    clock.advance(timedelta(milliseconds=40))
    reporting.in_force(2, clock.now(), clock.now(), 3)

    assert value("certgate_edge_effect_seconds_count") == 1
    assert value("certgate_edge_effect_seconds_sum") == pytest.approx(0.04)
    assert value("certgate_edge_connections_cut_total") == 3
    assert value("certgate_edge_whole_loads_total") == 1
    until = value("certgate_edge_lease_timestamp_seconds")
    assert until == (clock.now() + TRUST).timestamp()


class Failing:
    def look(self) -> bool:
        raise Unavailable("edge-away")


def test_a_look_that_fails_is_counted_and_fails(database: Database) -> None:
    metrics = EdgeMetrics()

    with pytest.raises(Unavailable):
        MeasuredLooks(Failing(), metrics).look()

    labels = {"outcome": "edge-away"}
    assert metrics.registry.get_sample_value("certgate_edge_looks_total", labels) == 1
