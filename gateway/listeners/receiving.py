"""Reading plain connections into one buffer of their door.

asyncio asks the allocator for 256 KiB before each read of a `Protocol`. In a
young process the C library maps a piece of that size and gives it back each
time, which took two thirds of a short question's way through a bare event loop.
In a gateway that has grown it mostly finds room, and little is saved.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# The longest heads and usual uploads come in one or a few reads.
_OCTETS = 65_536


def with_one_buffer(protocol: type[HttpToolsProtocol]) -> type[HttpToolsProtocol]:
    """Return `protocol` for the connections of one event loop, which share a buffer.

    Not for TLS, which has a buffer of its own for each connection.
    """
    buffer = memoryview(bytearray(_OCTETS))

    class BufferedProtocol(protocol, asyncio.BufferedProtocol):  # type: ignore[valid-type, misc]
        def get_buffer(self, sizehint: int) -> memoryview:
            # Between this and `buffer_updated` a selector's loop runs nothing else.
            return buffer

        def buffer_updated(self, nbytes: int) -> None:
            # A copy: only what this connection was sent goes on, and stays.
            self.data_received(bytes(buffer[:nbytes]))

    return BufferedProtocol
