"""Spans, what is in them, and what never is (issue item 6)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from foundation.errors import Denied
from foundation.observing import NOBODY
from foundation.settings import Settings
from gateway.composition.observation import observe
from gateway.tracing.tracing import Tracing

SECRET = "wh000123-secret"


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracing(exporter: InMemorySpanExporter) -> Iterator[Tracing]:
    tracing = Tracing(SimpleSpanProcessor(exporter))
    yield tracing
    tracing.close()


def visit(tracing: Tracing, path: str, **headers: str) -> None:
    """Ask a small application whose routes log in, in threads as ours do."""

    def log_in(_: Request) -> PlainTextResponse:
        with tracing.act("login"):
            pass
        return PlainTextResponse("in")

    def refuse(_: Request) -> PlainTextResponse:
        try:
            with tracing.act("login"):
                raise Denied("credentials-wrong", username=SECRET)
        except Denied:
            return PlainTextResponse("no", 401)

    def break_down(_: Request) -> PlainTextResponse:
        with tracing.act("issuance", profile="unit"):
            raise RuntimeError(SECRET)

    app = Starlette(
        routes=[
            Route("/login/{username}", log_in),
            Route("/refused/{username}", refuse),
            Route("/broken/{username}", break_down),
        ]
    )
    client = TestClient(tracing.around(app, "portal"), raise_server_exceptions=False)
    client.get(f"{path}/{SECRET}?password={SECRET}", headers={"cookie": SECRET, **headers})


def spans(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


def test_an_act_is_a_span_below_its_request(
    tracing: Tracing, exporter: InMemorySpanExporter
) -> None:
    visit(tracing, "/login")

    found = spans(exporter)
    request, login = found["portal /login/{username}"], found["login"]
    assert login.parent is not None
    assert request.context is not None
    assert login.parent.span_id == request.context.span_id
    assert dict(login.attributes or {}) == {"certgate.outcome": "done"}
    assert dict(request.attributes or {}) == {
        "certgate.door": "portal",
        "certgate.request_id": "",
        "http.request.method": "GET",
        "http.route": "/login/{username}",
        "http.response.status_code": 200,
    }


@pytest.mark.parametrize("path", ["/login", "/refused", "/broken", "/nowhere"])
def test_nothing_of_anybody_is_in_a_span(
    tracing: Tracing, exporter: InMemorySpanExporter, path: str
) -> None:
    visit(tracing, path)

    told = "".join(span.to_json() for span in exporter.get_finished_spans())
    assert "portal" in told
    assert SECRET not in told
    assert "127.0.0.1" not in told


def test_a_refusal_is_no_error_and_our_own_fault_is(
    tracing: Tracing, exporter: InMemorySpanExporter
) -> None:
    visit(tracing, "/refused")
    visit(tracing, "/broken")

    found = spans(exporter)
    assert (found["login"].attributes or {})["certgate.outcome"] == "credentials-wrong"
    assert found["login"].status.is_ok or found["login"].status.is_unset
    assert (found["issuance"].attributes or {})["certgate.outcome"] == "error"
    assert not found["issuance"].status.is_ok
    assert not found["issuance"].events


def test_a_client_does_not_choose_its_trace(
    tracing: Tracing, exporter: InMemorySpanExporter
) -> None:
    visit(tracing, "/login", traceparent=f"00-{'a' * 32}-{'b' * 16}-01")

    assert spans(exporter)["portal /login/{username}"].parent is None


def test_a_collector_gets_them_over_otlp() -> None:
    with collector() as (port, received):
        settings = Settings(otlp_endpoint=f"http://127.0.0.1:{port}/v1/traces")
        observation = observe(settings)
        with observation.observer.act("revocation", act="revoke"):
            pass
        observation.close()

    [message] = received
    [resource] = message.resource_spans
    names = [span.name for scope in resource.scope_spans for span in scope.spans]
    assert names == ["revocation"]


def test_nobody_is_asked_when_the_settings_name_nobody() -> None:
    observation = observe(Settings())

    assert (observation.observer, observation.metrics, observation.tracing) == (NOBODY, None, None)


@contextmanager
def collector() -> Iterator[tuple[int, list[ExportTraceServiceRequest]]]:
    """Run a collector on a free port; yield it and what it was sent."""
    received: list[ExportTraceServiceRequest] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            octets = self.rfile.read(int(self.headers["content-length"]))
            received.append(ExportTraceServiceRequest.FromString(octets))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port, received
        finally:
            server.shutdown()
            thread.join()
