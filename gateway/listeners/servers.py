"""Serving several doors in one event loop, and draining them on SIGTERM."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.listeners.connections import OpenConnections
from gateway.listeners.door_server import DoorServer
from gateway.listeners.draining import Drain
from gateway.listeners.gate import LetIn, with_gate
from gateway.listeners.http_protocol import http_protocol
from gateway.listeners.ocsp.desk import OcspDesk
from gateway.listeners.ocsp.protocol import with_ocsp
from gateway.listeners.ocsp.server import OcspServer
from gateway.listeners.receiving import with_one_buffer
from gateway.listeners.tls_context import TlsContext

_DRAIN_SECONDS = 10
_KEEP_ALIVE_SECONDS = 30
_BACKLOG = 1_024


@dataclass(frozen=True)
class Door:
    """One listener: an application at an address, behind TLS or plain.

    With `ocsp`, OCSP questions are answered before the application is asked;
    such a door is plain.
    With `let_in`, a connection is read from only after that has let it in.
    `opened` is its listening socket when somebody has opened it already.
    """

    name: str
    app: ASGIApp
    bind: str
    port: int
    tls: TlsContext | None
    connections: OpenConnections
    ocsp: OcspDesk | None = None
    let_in: LetIn | None = None
    opened: socket.socket | None = None


def serve(
    doors: list[Door],
    background: list[Callable[[], Coroutine[Any, Any, None]]],
    on_ready: Callable[[], None],
    drain: Drain,
) -> None:
    """Serve until SIGTERM or SIGINT, then leave as `drain` says and let requests in flight end.

    `on_ready` runs when every door accepts connections. `background`
    coroutines run beside the doors and are cancelled after them. Raises
    `OSError` when a port is taken.
    """
    asyncio.run(_serve(doors, background, on_ready, drain))


async def _serve(
    doors: list[Door],
    background: list[Callable[[], Coroutine[Any, Any, None]]],
    on_ready: Callable[[], None],
    drain: Drain,
) -> None:
    sockets = _open_sockets(doors)
    servers = [_server(door, drain) for door in doors]
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, drain.begin, loop.call_later, lambda: _ask_to_stop(servers))
    tasks = [asyncio.create_task(start()) for start in background]
    running = [
        asyncio.create_task(server.serve(sockets=[opened]))
        for server, opened in zip(servers, sockets, strict=True)
    ]
    try:
        await _wait_until_started(servers, running)
        if all(server.started for server in servers):
            on_ready()
        await asyncio.gather(*running)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _wait_until_started(servers: list[DoorServer], running: list[asyncio.Task[None]]) -> None:
    while not all(server.started for server in servers):
        if any(task.done() for task in running):
            return  # one failed to start: gathering the tasks raises its error
        await asyncio.sleep(0.01)  # uvicorn tells it by a flag only


def _open_sockets(doors: list[Door]) -> list[socket.socket]:
    with contextlib.ExitStack() as undo:
        sockets = [undo.enter_context(door.opened or open_socket(door)) for door in doors]
        undo.pop_all()
    return sockets


def open_socket(door: Door, *, shared: bool = False) -> socket.socket:
    """Return the door's socket, bound; raises `OSError` that names the door.

    At a `shared` address further processes of this user may open theirs; the
    kernel spreads connections over those that listen.
    """
    # Opened here, so that a taken port is an error with a name; uvicorn would
    # end the process from inside a task.
    family = socket.AF_INET6 if ":" in door.bind else socket.AF_INET
    # Named TCP: asyncio sets TCP_NODELAY only on sockets that say so, and
    # without it the body of an answer waits 40 ms for the client's ACK of the head.
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        opened.bind((door.bind, door.port))
    except OSError as failed:
        opened.close()
        raise OSError(
            failed.errno, f"{door.name} listener: {door.bind}:{door.port} cannot be opened"
        ) from failed
    return opened


def open_first_of_shared(door: Door) -> socket.socket:
    """Return the door's shared socket; raises `OSError` when anybody listens there already."""
    # Only who does not share is told that the port is taken.
    open_socket(door).close()
    return open_socket(door, shared=True)


def _server(door: Door, drain: Drain) -> DoorServer:
    protocol = http_protocol(door.connections)
    if door.ocsp is not None:
        assert door.tls is None, "OCSP is asked over plain HTTP"
        config = _config(door, with_one_buffer(with_ocsp(protocol, door.ocsp, drain)), drain)
        return OcspServer(config, door.ocsp, drain)
    if door.let_in is not None:
        return DoorServer(_config(door, with_gate(protocol, door.let_in), drain))
    return DoorServer(_config(door, protocol if door.tls else with_one_buffer(protocol), drain))


def _config(door: Door, protocol: type[HttpToolsProtocol], drain: Drain) -> uvicorn.Config:
    config = uvicorn.Config(
        drain.around(door.app),
        # Named, though it is what uvicorn takes: docs/decisions/0027-event-loop.md.
        loop="asyncio",
        http=protocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        # No header is believed for who sends it; an edge's are, on its link alone.
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        backlog=_BACKLOG,
    )
    config.load()
    if door.tls is not None:
        config.ssl = door.tls.as_asyncio_context()
    return config


def _ask_to_stop(servers: list[DoorServer]) -> None:
    for server in servers:
        server.should_exit = True
