"""A network between a program and PostgreSQL that can be cut, and can fall silent.

TCP on the program's side, the server's Unix socket on the other. While it is
silent, what is sent is accepted and goes nowhere: the kernel acknowledges it,
as of a server whose process is stopped. When it flows again, all of it arrives.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator

from sqlalchemy import make_url

_SECONDS = 20
_PORT = 5432


class Relay:
    """The way to one database; it flows."""

    def __init__(self, socket: str) -> None:
        """Lead to `socket` once `serve` runs."""
        self.port = 0
        self._socket = socket
        self._is_cut = False
        self._flows = asyncio.Event()
        self._ended = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def url(self, direct: str) -> str:
        """Return the URL `direct`, by way of this relay."""
        through = make_url(direct).set(host="127.0.0.1", port=self.port)
        return through.difference_update_query(["host"]).render_as_string(hide_password=False)

    def silence(self) -> None:
        """Pass nothing on any more; connections stay, and new ones are accepted."""
        self._set(flows=False, cut=False)

    def cut(self) -> None:
        """End every connection and refuse new ones."""
        self._set(flows=True, cut=True)

    def mend(self) -> None:
        """Let everything flow again."""
        self._set(flows=True, cut=False)

    def end(self) -> None:
        """Be no relay any more."""
        self.cut()
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._ended.set)

    async def serve(self, on_open: Callable[[], None]) -> None:
        """Serve until `end`; `on_open` runs when `port` is known."""
        self._loop = asyncio.get_running_loop()
        self._flows.set()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        on_open()
        await self._ended.wait()
        server.close()

    def _set(self, *, flows: bool, cut: bool) -> None:
        async def set_() -> None:
            self._is_cut = cut
            self._flows.set() if flows else self._flows.clear()
            if cut:
                for writer in self._writers:
                    writer.close()

        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(set_(), self._loop).result(_SECONDS)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.close()
            return
        there, back = await asyncio.open_unix_connection(self._socket)
        ends = {writer, back}
        self._writers |= ends
        try:
            await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
        finally:
            self._writers -= ends
            for end in ends:
                end.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


@contextlib.contextmanager
def relay_to(url: str) -> Iterator[Relay]:
    """Run a relay to the server of a URL that names a folder of sockets."""
    relay, opened = Relay(f"{make_url(url).query['host']}/.s.PGSQL.{_PORT}"), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(relay.serve(opened.set)), name="relay")
    thread.start()
    assert opened.wait(_SECONDS)
    try:
        yield relay
    finally:
        relay.end()
        thread.join(_SECONDS)
