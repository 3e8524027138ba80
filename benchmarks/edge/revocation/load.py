"""Other clients: ``python -m ... PORT CERTIFICATE COOKIE CONNECTIONS``, until killed."""

import asyncio
import ssl
import sys

from tests.support.edge_agent import HOST


async def _ask(port: int, context: ssl.SSLContext, request: bytes) -> None:
    while True:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=context, server_hostname=HOST
        )
        try:
            while True:
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
                await reader.readexactly(length)
                await asyncio.sleep(0.02)
        except (OSError, ValueError, asyncio.IncompleteReadError):
            writer.close()


async def _run(port: int, certificate: str, cookie: str, connections: int) -> None:
    context = ssl.create_default_context()
    # The load is no client that anybody relies on.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.load_cert_chain(certificate)
    request = (
        f"GET /apps/app/x HTTP/1.1\r\nHost: {HOST}:{port}\r\nCookie: {cookie}\r\n\r\n"
    ).encode()
    await asyncio.gather(*(_ask(port, context, request) for _ in range(connections)))


if __name__ == "__main__":
    asyncio.run(_run(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])))
