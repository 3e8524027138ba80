"""A websocket behind an edge: it says what it hears, and remembers how it was asked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from websockets.datastructures import Headers
from websockets.sync.server import ServerConnection, serve

WAIT_SECONDS = 20


@dataclass
class WebsocketUpstream:
    """A server of echoes."""

    port: int = 0
    asked: list[Headers] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"


@contextmanager
def running_websockets() -> Iterator[WebsocketUpstream]:
    """Serve while the block runs."""
    upstream = WebsocketUpstream()

    def echo(connection: ServerConnection) -> None:
        assert connection.request is not None
        upstream.asked.append(connection.request.headers)
        for message in connection:
            connection.send(message)

    with serve(echo, "127.0.0.1", 0, compression=None) as server:
        upstream.port = server.socket.getsockname()[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield upstream
        finally:
            server.shutdown()
            thread.join(WAIT_SECONDS)
