"""What an agent counts, fetched from its own port as Prometheus does."""

import urllib.request
from datetime import UTC, datetime, timedelta

from foundation.errors import Unavailable
from gateway.metrics import EdgeMetrics, serve_metrics
from tests.support.ports import free_ports


def test_an_agent_shows_its_numbers_on_its_own_port() -> None:
    metrics, port = EdgeMetrics(), free_ports().pki
    metrics.lease_renewed(datetime(2027, 1, 4, tzinfo=UTC))
    metrics.took_effect(timedelta(milliseconds=20))
    metrics.looked(None)
    metrics.looked(Unavailable("edge-not-rendered"))
    metrics.loads_everything()
    metrics.connections_cut(3)

    with (
        serve_metrics(metrics.registry, "127.0.0.1", port),
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer,
    ):
        shown = answer.read().decode().splitlines()

    assert "certgate_edge_lease_timestamp_seconds 1.7990208e+09" in shown
    assert 'certgate_edge_effect_seconds_bucket{le="0.025"} 1.0' in shown
    assert 'certgate_edge_looks_total{outcome="done"} 1.0' in shown
    assert 'certgate_edge_looks_total{outcome="edge-not-rendered"} 1.0' in shown
    assert "certgate_edge_whole_loads_total 1.0" in shown
    assert "certgate_edge_connections_cut_total 3.0" in shown
