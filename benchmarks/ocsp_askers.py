"""Askers of OCSP questions that cost little beside what they measure.

One thread: the responder has as many questions before it as there are
connections, and whoever has his answer asks the next at once.
"""

import selectors
import socket
from collections.abc import Sequence
from itertools import cycle

_ADDRESS = "127.0.0.1"
_SECONDS = 60
_CHUNK = 65_536
# Of each connection before the clock is looked at.
_TURNS = 8
_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


class KeptAskers:
    """Connections that stay open; `ahead` questions are sent at once on each."""

    def __init__(
        self, port: int, questions: Sequence[bytes], connections: int, ahead: int = 1
    ) -> None:
        self.answers = connections * ahead * _TURNS
        self._ahead = ahead
        self._questions = cycle(
            b"".join(questions[start : start + ahead])
            for start in range(0, len(questions) - ahead + 1, ahead)
        )
        self._sockets = [_connect(port) for _ in range(connections)]
        self._selector = selectors.DefaultSelector()
        for connection in self._sockets:
            self._selector.register(connection, selectors.EVENT_READ)

    def ask(self) -> None:
        """Let each ask its turns, and wait for all answers."""
        left = dict.fromkeys(self._sockets, _TURNS)
        for asker in self._sockets:
            asker.sendall(next(self._questions))
        while left:
            for key, _ in self._selector.select(_SECONDS):
                connection: socket.socket = key.fileobj  # type: ignore[assignment]
                data = b""
                for _ in range(self._ahead):
                    data = _take_one(connection, data)
                left[connection] -= 1
                if left[connection]:
                    connection.sendall(next(self._questions))
                else:
                    del left[connection]

    def close(self) -> None:
        """Close the connections."""
        self._selector.close()
        for connection in self._sockets:
            connection.close()


class OneTimeAskers:
    """A new connection for each question, as `openssl ocsp` serves them."""

    def __init__(self, port: int, questions: Sequence[bytes], connections: int) -> None:
        self.answers = connections
        self._port = port
        self._questions = cycle(questions)

    def ask(self) -> None:
        """Connect, ask and read until the other side closes, on all connections."""
        with selectors.DefaultSelector() as selector:
            for _ in range(self.answers):
                connection = _connect(self._port)
                connection.sendall(next(self._questions))
                selector.register(connection, selectors.EVENT_READ)
            while selector.get_map():
                for key, _ in selector.select(_SECONDS):
                    connection = key.fileobj  # type: ignore[assignment]
                    if not connection.recv(_CHUNK):
                        selector.unregister(connection)
                        connection.close()

    def close(self) -> None:
        """Nothing stays open."""


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection((_ADDRESS, port), timeout=_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _take_one(connection: socket.socket, data: bytes) -> bytes:
    """Read one answer, `data` being what has come of it already; return what came behind it."""
    while (end := data.find(_END)) < 0:
        data += _some(connection)
    start = data.lower().index(_LENGTH, 0, end) + len(_LENGTH)
    whole = end + len(_END) + int(data[start : data.find(b"\r", start)])
    while len(data) < whole:
        data += _some(connection)
    assert data.startswith(b"HTTP/1.1 200"), data[:40]
    return data[whole:]


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(_CHUNK)
    assert data, "closed"
    return data
