"""Many requests at once on one connection of HTTP/2, their frames between each other."""

import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, ResponseReceived, StreamEnded

from tests.support.edge_client import WAIT_SECONDS, Answered, Client


@dataclass
class _Stream:
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_over: bool = False


class ParallelStreams:
    """One connection of one client."""

    def __init__(self, connection: socket.socket, host: str) -> None:
        """`connection` is TLS whose ALPN chose h2."""
        self._socket, self._host = connection, host
        self._h2 = H2Connection(H2Configuration())
        self._h2.initiate_connection()

    def ask(self, path: str, cookies: Sequence[Mapping[str, str]]) -> list[Answered]:
        """Return the answers to a POST for each set of cookies, in that order.

        The heads of all are sent before the body of any, and the last body first.
        """
        streams: dict[int, _Stream] = {}
        for jar in cookies:
            number = self._h2.get_next_available_stream_id()
            self._h2.send_headers(number, [*self._head(path), *_cookie_headers(jar)])
            streams[number] = _Stream()
        self._socket.sendall(self._h2.data_to_send())
        for number in reversed(streams):
            self._h2.send_data(number, b"1234", end_stream=True)
        self._socket.sendall(self._h2.data_to_send())
        while not all(stream.is_over for stream in streams.values()):
            self._receive(streams)
        return [
            Answered(int(one.headers.pop(":status")), one.headers, one.body)
            for one in streams.values()
        ]

    def _head(self, path: str) -> list[tuple[str, str]]:
        return [
            (":method", "POST"), (":scheme", "https"), (":authority", self._host),
            (":path", path), ("accept", "application/json"), ("content-length", "4"),
        ]  # fmt: skip

    def _receive(self, streams: Mapping[int, _Stream]) -> None:
        data = self._socket.recv(65_536)
        assert data, "the connection was closed"
        for event in self._h2.receive_data(data):
            if isinstance(event, ResponseReceived):
                streams[event.stream_id].headers.update(_texts(event.headers))
            elif isinstance(event, DataReceived):
                streams[event.stream_id].body += event.data
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, StreamEnded):
                streams[event.stream_id].is_over = True
        self._socket.sendall(self._h2.data_to_send())


@contextmanager
def parallel_streams(client: Client) -> Iterator[ParallelStreams]:
    """Connect, for the length of the block."""
    context = client.context()
    context.set_alpn_protocols(["h2"])
    plain = socket.create_connection((client.address, client.port), WAIT_SECONDS)
    with context.wrap_socket(plain, server_hostname=client.host) as connection:
        assert connection.selected_alpn_protocol() == "h2"
        yield ParallelStreams(connection, f"{client.host}:{client.port}")


def _cookie_headers(jar: Mapping[str, str]) -> list[tuple[str, str]]:
    return [("cookie", "; ".join(f"{name}={value}" for name, value in jar.items()))] if jar else []


def _texts(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in headers}
