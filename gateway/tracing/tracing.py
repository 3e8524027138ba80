"""Spans of requests and acts, sent to a collector over OTLP/HTTP.

Attributes are of the kind that metrics have as labels, and the request's
identifier, which finds its lines in the log. Nothing of anybody: no names, no
serial numbers, no addresses, no paths, and of an exception its code alone,
because its text could have any of them. What a client sends as `traceparent`
is ignored: strangers would choose what is sampled.

OpenTelemetry's own variables (`OTEL_TRACES_SAMPLER`, `OTEL_RESOURCE_ATTRIBUTES`,
`OTEL_EXPORTER_OTLP_HEADERS`) hold as well.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foundation.observing import ActName, outcome_of
from foundation.web.requests import method_of, route_of

_PACKAGE = "certgate"
_EXPORT_SECONDS = 5
_SERVER_ERROR = 500


class Tracing:
    """An `Observer` that makes a span of each act, and of each request at a door."""

    def __init__(self, processor: SpanProcessor) -> None:
        """`processor` takes the ended spans. The provider is this process's own, not the global."""
        resource = Resource.create({"service.name": _PACKAGE, "service.version": version(_PACKAGE)})
        self._provider = TracerProvider(resource=resource)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer(_PACKAGE)

    @classmethod
    def to_collector(cls, endpoint: str) -> "Tracing":
        """Send to `endpoint`, a whole URL as ``http://localhost:4318/v1/traces``.

        In batches and from a thread of its own; what a collector that is away
        does not take is dropped.
        """
        exporter = OTLPSpanExporter(endpoint=endpoint, timeout=_EXPORT_SECONDS)
        return cls(BatchSpanProcessor(exporter))

    @contextmanager
    def act(self, name: ActName, **facts: str) -> Iterator[None]:
        """Surround one act (`foundation.observing.Observer`)."""
        attributes = {f"certgate.{fact}": value for fact, value in facts.items()}
        with self._tracer.start_as_current_span(
            name, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except BaseException as error:
                outcome = outcome_of(error)
                span.set_attribute("certgate.outcome", outcome)
                # A refusal is what the act is for; only our own faults are errors.
                if outcome == "error":
                    span.set_status(Status(StatusCode.ERROR))
                raise
            span.set_attribute("certgate.outcome", outcome_of(None))

    def around(self, app: ASGIApp, door: str) -> ASGIApp:
        """Return `app`, each request of which is a span that its acts are below."""

        async def traced(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            with self._tracer.start_as_current_span(
                "request",
                context=Context(),
                kind=SpanKind.SERVER,
                record_exception=False,
                set_status_on_exception=False,
            ) as span:

                async def note_status(message: Message) -> None:
                    if message["type"] == "http.response.start":
                        span.set_attribute("http.response.status_code", message["status"])
                        if message["status"] >= _SERVER_ERROR:
                            span.set_status(Status(StatusCode.ERROR))
                    await send(message)

                try:
                    await app(scope, receive, note_status)
                finally:
                    route = route_of(scope)
                    span.update_name(f"{door} {route}")
                    span.set_attributes(
                        {
                            "certgate.door": door,
                            "certgate.request_id": scope.get("state", {}).get("request_id", ""),
                            "http.request.method": method_of(scope),
                            "http.route": route,
                        }
                    )

        return traced

    def close(self) -> None:
        """Send what has not been sent and end the thread; waits some seconds at most."""
        self._provider.shutdown()
