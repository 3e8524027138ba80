"""Requests from the first octet to the application: parser, limits, checks and form token.

Whatever comes, nothing but a `Failure` reaches the last net, every answer is a
complete one below 500, and no connection keeps more than a head's worth of
octets. The first octet says how large the pieces are in which the rest arrives.
"""

import asyncio
import atexit
import logging
from collections.abc import Iterator
from functools import cache
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from foundation.errors import Failure
from foundation.web.middleware.stack import WebStack
from gateway.listeners.connections import OpenConnections
from gateway.listeners.http_protocol import http_protocol
from tests.fuzzing.target import Target
from tests.support.clock import FakeClock
from tests.support.randomness import FakeRandomness

_HEAD_OCTETS = 32_768
_MOST_TURNS = 400


class Unexpected(AssertionError):
    """Something other than a refusal came out of the layers."""


class Wire(asyncio.Transport):
    """A connection whose other end is the input."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_over = False

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return self.is_over

    def close(self) -> None:
        self.is_over = True

    def abort(self) -> None:
        self.is_over = True

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        addresses = {"peername": ("192.0.2.1", 50_000), "sockname": ("192.0.2.2", 9_443)}
        return addresses.get(name, default)


def examine(data: bytes) -> None:
    pieces = 1 + (data[0] if data else 0) * 4
    _loop().run_until_complete(_serve(data[1:], pieces))


async def _serve(data: bytes, octets: int) -> None:
    findings: list[BaseException] = []
    config, protocol_class = _server()
    config.loaded_app = _layers(findings)
    state = ServerState()
    protocol, wire = protocol_class(config, state, {}), Wire()
    protocol.connection_made(wire)
    for at in range(0, len(data), octets):
        if wire.is_over:
            break
        protocol.data_received(data[at : at + octets])
        await asyncio.sleep(0)
    for _ in range(_MOST_TURNS):
        if not state.tasks:
            break
        await asyncio.sleep(0)
    protocol.connection_lost(None)
    for task in list(state.tasks):
        # It waits for a body that never ends.
        await task
    if findings:
        raise Unexpected from findings[0]
    _judge(wire.written)


def _judge(written: bytes) -> None:
    while written:
        head, found, rest = written.partition(b"\r\n\r\n")
        assert found, written
        status = int(head[9:12])
        assert 100 <= status < 500, head
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            assert b"\n" not in line
            assert b"\r" not in line
        # An answer to HEAD tells the length of what it leaves out (RFC 9110 section 9.3.2);
        # none of our bodies looks like another answer.
        written = rest if rest.startswith(b"HTTP/1.1 ") else rest[length:]


def _layers(findings: list[BaseException]) -> Any:
    def refuse(_: Request, failure: Exception) -> Response:
        if not isinstance(failure, Failure):
            findings.append(failure)
        return PlainTextResponse("refused", 400)

    stack = WebStack(
        refuse=refuse,
        clock=FakeClock(),
        randomness=FakeRandomness(),
        session_cookie="__Host-certgate",
        hosts=["localhost"],
        body_limit=2_048,
    )
    return stack.around(_answer)


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    assert sum(len(name) + len(value) for name, value in scope["headers"]) <= _HEAD_OCTETS
    body = await request.body()
    await PlainTextResponse(f"{len(body)} {len(request.query_params)}")(scope, receive, send)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    atexit.register(loop.close)
    return loop


@cache
def _server() -> tuple[uvicorn.Config, Any]:
    config = uvicorn.Config(
        _answer, ws="none", lifespan="off", access_log=False, log_config=None,
        server_header=False, proxy_headers=False,
    )  # fmt: skip
    config.load()
    return config, http_protocol(OpenConnections())


def seeds() -> Iterator[bytes]:
    get = b"GET /tasks?lang=en&a=%00 HTTP/1.1\r\nHost: localhost:9443\r\n"
    post = b"POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nOrigin: https://localhost\r\n"
    form = b"POST /login HTTP/1.1\r\nHost: localhost\r\nCookie: __Host-certgate=abc\r\n"
    fields = b"form_token=x&username=%E6%AD%A6"
    parts = b'--b\r\nContent-Disposition: form-data; name="form_token"\r\n\r\nx\r\n--b--\r\n'
    for start in (b"\x00", b"\xff"):
        yield start + get + b"\r\n"
        yield start + get + b"Accept-Language: en;q=0.5\r\nCookie: a=b; certgate_lang=en\r\n\r\n"
        yield start + get + b"\r\n" + get + b"Connection: close\r\n\r\n"
        yield start + post + b"Content-Length: 2\r\n\r\n{}"
        yield start + post + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nA: b\r\n\r\n"
        yield start + post + b"Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n"
        yield start + form + _body(b"application/x-www-form-urlencoded", fields)
        yield start + form + _body(b"multipart/form-data; boundary=b", parts)
        yield start + get.replace(b"localhost", b"[::1]") + b"Upgrade: websocket\r\n\r\n"


def _body(media_type: bytes, content: bytes) -> bytes:
    length = str(len(content)).encode()
    return b"Content-Type: %b\r\nContent-Length: %b\r\n\r\n%b" % (media_type, length, content)


TARGET = Target(
    examine,
    seeds,
    words=(
        b"\r\n", b"\r\n\r\n", b"Host: localhost\r\n", b"Content-Length: ", b"HTTP/1.1", b"HTTP/2.0",
        b"Transfer-Encoding: chunked\r\n", b"Cookie: ", b"Origin: null\r\n",
        b"Expect: 100-continue",
        b"Sec-Fetch-Site: cross-site\r\n", b"X-Form-Token: ", b"; boundary=", b"; charset=utf-7",
        b"filename=", b"%00", b"\x00", b"PRI * ", b"Connection: close\r\n",
    ),
)  # fmt: skip
