"""The listener where Prometheus fetches the numbers, apart from the doors.

Plain HTTP without a word about who asks: it belongs on a loopback or a network
of the operator's own (docs/operations.md). A node serves the application
beside its doors; a process without an event loop runs `serve_metrics`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp


def metrics_application(registry: CollectorRegistry, is_ready: Callable[[], bool]) -> ASGIApp:
    """Return the application of the metrics listener: numbers, and how the process is."""

    # Not async: the collectors ask the database, which the event loop must not wait for.
    def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    def alive(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    def ready(_: Request) -> Response:
        answer = is_ready()
        return PlainTextResponse("ready\n" if answer else "not ready\n", 200 if answer else 503)

    return Starlette(
        routes=[Route("/metrics", metrics), Route("/healthz", alive), Route("/readyz", ready)]
    )


@contextmanager
def serve_metrics(registry: CollectorRegistry, address: str, port: int) -> Iterator[None]:
    """Serve `registry` from a thread while the block runs; raises `OSError` for a taken port."""
    server, thread = start_http_server(port, addr=address, registry=registry)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
