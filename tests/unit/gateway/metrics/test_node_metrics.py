"""What a node counts, and what can never become a label (issue item 6)."""

from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from foundation.errors import Denied
from foundation.observing import NOBODY, Observers
from gateway.metrics import NodeMetrics
from gateway.metrics.request_layer import RequestLayer
from gateway.metrics.serving import metrics_application


@pytest.fixture
def metrics() -> NodeMetrics:
    return NodeMetrics()


def value(metrics: NodeMetrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_an_act_is_counted_by_how_it_ended(metrics: NodeMetrics) -> None:
    with metrics.act("login"):
        pass
    for error in (Denied("credentials-wrong"), RuntimeError("ours")):
        with pytest.raises(type(error)), metrics.act("login"):
            raise error

    for outcome in ("done", "credentials-wrong", "error"):
        assert value(metrics, "certgate_login_seconds_count", outcome=outcome) == 1


def test_several_observers_see_the_same_act_and_its_error(metrics: NodeMetrics) -> None:
    other = NodeMetrics()
    observers = Observers([metrics, NOBODY, other])

    with pytest.raises(Denied), observers.act("issuance", profile="unit"):
        raise Denied("not-allowed")

    for one in (metrics, other):
        labels = {"outcome": "not-allowed", "profile": "unit"}
        assert value(one, "certgate_issuance_seconds_count", **labels) == 1


def test_a_revocation_from_a_clock_that_is_ahead_took_no_time(metrics: NodeMetrics) -> None:
    metrics.took_effect(timedelta(seconds=-3))
    metrics.took_effect(timedelta(milliseconds=30))

    assert value(metrics, "certgate_revocation_effect_seconds_count") == 2
    assert value(metrics, "certgate_revocation_effect_seconds_sum") == pytest.approx(0.03)


def at_door(metrics: NodeMetrics) -> TestClient:
    def certificate(_: Request) -> PlainTextResponse:
        return PlainTextResponse("here")

    def broken(_: Request) -> PlainTextResponse:
        raise RuntimeError("ours")

    app = Starlette(
        routes=[Route("/certificates/{serial_number}", certificate), Route("/broken", broken)]
    )
    return TestClient(RequestLayer(app, metrics, "portal"), raise_server_exceptions=False)


def test_a_path_is_counted_under_its_template_and_a_made_up_one_under_none(
    metrics: NodeMetrics,
) -> None:
    client = at_door(metrics)
    for number in range(3):
        client.get(f"/certificates/{number}")
        client.get(f"/made-up/{number}")
    client.request("INVENTED", "/certificates/1")
    client.get("/broken")

    def counted(method: str, route: str, status: str) -> float | None:
        labels = {"door": "portal", "method": method, "route": route, "status": status}
        return value(metrics, "certgate_requests_total", **labels)

    assert counted("GET", "/certificates/{serial_number}", "200") == 3
    assert counted("GET", "none", "404") == 3
    assert counted("other", "/certificates/{serial_number}", "405") == 1
    assert counted("GET", "/broken", "500") == 1
    assert value(metrics, "certgate_request_seconds_count", door="portal") == 8


def test_registries_are_apart(metrics: NodeMetrics) -> None:
    metrics.decided("portal", "admitted")

    labels = {"door": "portal", "decision": "admitted"}
    assert value(metrics, "certgate_decisions_total", **labels) == 1
    assert value(NodeMetrics(), "certgate_decisions_total", **labels) is None


@pytest.mark.parametrize(("is_ready", "status"), [(True, 200), (False, 503)])
def test_the_listener_shows_numbers_and_readiness(
    metrics: NodeMetrics, is_ready: bool, status: int
) -> None:
    client = TestClient(metrics_application(metrics.registry, lambda: is_ready))

    shown = client.get("/metrics")
    assert shown.headers["content-type"].startswith("text/plain")
    assert "certgate_build_info{" in shown.text
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == status
    assert client.post("/metrics").status_code == 405
