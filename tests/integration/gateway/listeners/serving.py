"""A process that serves one TLS and one plain door with `serve`, for test_servers.py.

Arguments: the two ports. It serves until SIGTERM; ``/slow`` answers after a second.
"""

import asyncio
import sys

from starlette.types import Receive, Scope, Send

from gateway.listeners.connections import OpenConnections
from gateway.listeners.draining import Drain
from gateway.listeners.servers import Door, serve
from tests.integration.gateway.listeners.doors import portal_tls

READY = "ready"
BEGUN = "begun"
ENDED = "ended"


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] == "/slow":
        print(BEGUN, flush=True)  # noqa: T201 - what the test waits for
        await asyncio.sleep(1)
    headers = [(b"content-length", b"5")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


async def background() -> None:
    try:
        await asyncio.sleep(600)
    finally:
        print(ENDED, flush=True)  # noqa: T201 - what the test waits for


def main(plain_port: int, tls_port: int) -> None:
    doors = [
        Door("pki", application, "127.0.0.1", plain_port, None, OpenConnections()),
        Door("portal", application, "127.0.0.1", tls_port, portal_tls(), OpenConnections()),
    ]
    serve(doors, [background], lambda: print(READY, flush=True), Drain())  # noqa: T201 - likewise


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
