"""No session is ever resumed: resumption skips the client's certificate (design section 3).

The control shows that the same client does resume where a server lets it.
"""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.gateway.listeners.credentials import issuing, server
from tests.integration.gateway.listeners.doors import Knocker, OpenDoor, client_context
from tests.support.resumption import s_client_twice

REQUEST = b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"
WAYS = {
    "TLS 1.3": (ssl.TLSVersion.TLSv1_3, ssl.Options(0)),
    "TLS 1.2 ticket": (ssl.TLSVersion.TLSv1_2, ssl.Options(0)),
    "TLS 1.2 session id": (ssl.TLSVersion.TLSv1_2, ssl.OP_NO_TICKET),
}


@pytest.fixture
def willing_server(tmp_path: Path) -> Iterator[int]:
    """The port of a server with the standard library's own ideas about sessions."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(server().write(tmp_path))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.0 200 OK\r\n\r\n")
        await writer.drain()
        writer.close()

    async def serve() -> None:
        async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context) as listening:
            ports.append(listening.sockets[0].getsockname()[1])
            loops.append(asyncio.get_running_loop())
            ready.set()
            await stop.wait()

    ports: list[int] = []
    loops: list[asyncio.AbstractEventLoop] = []
    ready, stop = threading.Event(), asyncio.Event()
    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    ready.wait(20)
    yield ports[0]
    loops[0].call_soon_threadsafe(stop.set)
    thread.join(20)


def connect_twice(port: int, context: ssl.SSLContext) -> tuple[ssl.SSLSession | None, bool]:
    """Return the session the first connection left, and whether the second reused it."""
    door = Knocker(port)
    with door.connected(context) as first:
        first.sendall(REQUEST)
        # TLS 1.3 tickets come after the handshake: read to see them.
        assert first.recv(12).startswith(b"HTTP/1.")
        session = first.session
    with door.connected(context, session) as second:
        second.sendall(REQUEST)
        assert second.recv(12).startswith(b"HTTP/1.")
        return session, bool(second.session_reused)


def context_for(way: str) -> ssl.SSLContext:
    version, options = WAYS[way]
    context = client_context()
    context.minimum_version = context.maximum_version = version
    context.options |= options
    return context


@pytest.mark.parametrize("way", WAYS)
def test_control_a_willing_server_resumes(willing_server: int, way: str) -> None:
    assert connect_twice(willing_server, context_for(way))[1]


@pytest.mark.parametrize("way", WAYS)
def test_the_public_door_never_resumes(public: OpenDoor, way: str) -> None:
    session, reused = connect_twice(public.port, context_for(way))

    assert not reused
    if way != "TLS 1.3":
        # In TLS 1.3 there is a ticket, and it is worth nothing.
        assert session is None or (session.id == b"" and not session.has_ticket)


@pytest.mark.parametrize("with_certificate", [True, False])
def test_the_portal_never_resumes(portal: OpenDoor, tmp_path: Path, with_certificate: bool) -> None:
    context = context_for("TLS 1.3")
    if with_certificate:
        context.load_cert_chain(issuing().issue("wh000123").write(tmp_path))

    assert not connect_twice(portal.port, context)[1]


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_the_openssl_command_says_new_each_time(
    public: OpenDoor, tmp_path: Path, version: str
) -> None:
    assert s_client_twice(public.port, version, tmp_path) == ["New", "New"]


def test_the_openssl_command_says_new_each_time_on_the_portal(
    portal: OpenDoor, tmp_path: Path
) -> None:
    credential = issuing().issue("wh000123").write(tmp_path)

    arguments = ("-cert", credential, "-key", credential)
    assert s_client_twice(portal.port, "-tls1_3", tmp_path, *arguments) == ["New", "New"]


def test_control_the_openssl_command_says_reused(willing_server: int, tmp_path: Path) -> None:
    assert s_client_twice(willing_server, "-tls1_2", tmp_path) == ["New", "Reused"]
