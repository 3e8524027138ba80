"""Authenticated requests per second: certificate, session and role asked again each time."""

from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks.bare_server import Tls
from benchmarks.client import Connection, get
from benchmarks.doors import bare_door
from benchmarks.installation import Installation
from benchmarks.measuring import Contender, Effort, Operation, race
from benchmarks.table import Row, rate_row
from benchmarks.visitors import SESSION_PATH, Visitor, expect

_PATHS = (SESSION_PATH, "/api/v1/tasks")
_CONNECTIONS = (1, 8)
_BASELINES: dict[Tls, str] = {
    "ours": "bare FastAPI route, our TLS",
    "standard": "bare FastAPI route, uvicorn's TLS",
}


def measure(installation: Installation, effort: Effort) -> list[Row]:
    """Return the rows of the subject."""
    visitor = installation.pick_up(installation.register_unit())
    visitor.enter()
    answers = _answers(visitor)
    with ExitStack() as stack:
        ports = {"certgate": visitor.port}
        for tls in _BASELINES:
            door = stack.enter_context(bare_door(installation, tls, answers, asks=True))
            ports[tls] = door.port
        rows = [
            row
            for path in _PATHS
            for connections in _CONNECTIONS
            for row in _kept(visitor, ports, path, connections, effort)
        ]
        return rows + _new_connections(visitor, ports, effort)


def _kept(
    visitor: Visitor, ports: dict[str, int], path: str, connections: int, effort: Effort
) -> list[Row]:
    with ExitStack() as stack:
        contenders = []
        for name, port in ports.items():
            opened = [
                stack.enter_context(Connection(port, visitor.tls)) for _ in range(connections)
            ]
            contenders.append(Contender(name, _asking(opened, get(port, path, visitor.cookie))))
        rates = race(contenders, effort)
    what = f"GET {path}, {connections} kept mTLS connection{'s' if connections > 1 else ''}"
    return [
        rate_row(what, rates["certgate"], baseline, rates[name])
        for name, baseline in _BASELINES.items()
    ]


def _new_connections(visitor: Visitor, ports: dict[str, int], effort: Effort) -> list[Row]:
    def visit(port: int) -> Operation:
        request = get(port, SESSION_PATH, visitor.cookie)

        def once() -> None:
            with Connection(port, visitor.tls) as connection:
                expect(200, connection.exchange(request))

        return once

    rates = race([Contender(name, [visit(port)]) for name, port in ports.items()], effort)
    return [
        rate_row(f"mTLS handshake and GET {SESSION_PATH}", rates["certgate"], baseline, rates[name])
        for name, baseline in _BASELINES.items()
    ]


def _asking(connections: Sequence[Connection], request: bytes) -> list[Operation]:
    def ask(connection: Connection) -> Operation:
        return lambda: expect(200, connection.exchange(request))

    return [ask(connection) for connection in connections]


def _answers(visitor: Visitor) -> dict[str, bytes]:
    with visitor.connect() as connection:
        return {
            path: expect(200, connection.exchange(get(visitor.port, path, visitor.cookie))).body
            for path in _PATHS
        }
