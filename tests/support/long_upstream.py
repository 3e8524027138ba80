"""An upstream behind an edge that keeps things open: upgrades, uploads, slow answers."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if b"upgrade: websocket" in head.lower():
                writer.write(
                    b"HTTP/1.1 101 Switching Protocols\r\n"
                    b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
                    # RFC 6455 section 1.3: to the key dGhlIHNhbXBsZSBub25jZQ==.
                    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
                )
                while data := await reader.read(65_536):
                    writer.write(data)
                break
            if head.startswith(b"POST"):
                while await reader.read(65_536):
                    pass
                break
            if b"/apps/app/slow" in head:
                writer.write(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
                while not writer.is_closing():
                    writer.write(b"1\r\nx\r\n")
                    await writer.drain()
                    await asyncio.sleep(0.05)
                break
            writer.write(_HEAD + b"Content-Length: 3\r\n\r\nok\n")
            await writer.drain()
    writer.close()


@contextlib.contextmanager
def long_upstream() -> Iterator[int]:
    """Serve in a thread; yields the port."""
    started = threading.Event()
    port: list[int] = []
    ends: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def main() -> None:
        ends.append((asyncio.get_running_loop(), asyncio.Event()))
        server = await asyncio.start_server(_serve, "127.0.0.1", 0)
        port.append(server.sockets[0].getsockname()[1])
        started.set()
        await ends[0][1].wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    assert started.wait(20)
    try:
        yield port[0]
    finally:
        loop, end = ends[0]
        loop.call_soon_threadsafe(end.set)
        thread.join(20)
