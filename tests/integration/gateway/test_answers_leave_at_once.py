"""No answer waits for the acknowledgement of its first half (RFC 896, RFC 1122 4.2.3.2)."""

import asyncio
import socket

from starlette.responses import PlainTextResponse

from gateway.listeners.connections import OpenConnections
from gateway.listeners.servers import Door, open_socket


async def _is_set_on_an_accepted_connection(opened: socket.socket) -> bool:
    answered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def accepted(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        answered.set_result(bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
        writer.close()

    async with await asyncio.start_server(accepted, sock=opened):
        _, writer = await asyncio.open_connection(*opened.getsockname()[:2])
        try:
            return await answered
        finally:
            writer.close()


def test_nagles_algorithm_is_off_on_every_door() -> None:
    door = Door("test", PlainTextResponse(""), "127.0.0.1", 0, None, OpenConnections())

    assert asyncio.run(_is_set_on_an_accepted_connection(open_socket(door)))
