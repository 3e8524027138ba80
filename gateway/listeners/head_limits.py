"""How long a request's head may take, and how long it may be.

uvicorn waits for ever for a head that comes octet by octet, and its parser
takes heads of any length.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

_HEAD_OCTETS = 32_768
_HEAD_SECONDS = 30


class HeadLimits(HttpToolsProtocol):
    """uvicorn's protocol with both limits."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._parser_moved = False
        self._unfinished_octets = 0
        self._head_octets = 0
        self._head_deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect the first head."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the limit."""
        self._head_has_come()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, and end what the parser only keeps."""
        self._parser_moved = False
        super().data_received(data)
        self._limit_unfinished(0 if self._parser_moved else len(data))

    def on_message_begin(self) -> None:
        """Expect the rest of the head."""
        super().on_message_begin()
        self._parser_moved = True
        self._head_octets = 0
        self._expect_head()

    def on_url(self, url: bytes) -> None:
        """Count it."""
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count it."""
        self._count_head(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Expect no head until the next."""
        self._parser_moved = True
        self._head_has_come()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Note that the parser has got on."""
        self._parser_moved = True
        super().on_body(body)

    def on_response_complete(self) -> None:
        """Give the next head its time."""
        super().on_response_complete()
        if self._head_deadline is not None:
            # A head that was begun during the answer gets its full time now.
            self._head_has_come()
            self._expect_head()

    def _expect_head(self) -> None:
        if self._head_deadline is None:
            self._head_deadline = self.loop.call_later(_HEAD_SECONDS, self._head_is_late)

    def _head_has_come(self) -> None:
        if self._head_deadline is not None:
            self._head_deadline.cancel()
            self._head_deadline = None

    def _head_is_late(self) -> None:
        self._head_deadline = None
        if self._is_answering():
            # Sent ahead; we do not read on before the answer is out.
            self._expect_head()
        else:
            self.transport.abort()

    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _limit_unfinished(self, octets: int) -> None:
        # The parser keeps a header (or a trailer) to itself until it ends,
        # and one that never does would fill the memory.
        self._unfinished_octets = self._unfinished_octets + octets if octets else 0
        if self._unfinished_octets <= _HEAD_OCTETS or self.transport.is_closing():
            return
        if self._is_answering():
            self.transport.abort()
        else:
            self.send_400_response("Invalid HTTP request received.")

    def _count_head(self, octets: int) -> None:
        self._parser_moved = True
        # Raising in the parser's callback makes uvicorn answer 400 and close.
        self._head_octets += octets
        if self._head_octets > _HEAD_OCTETS:
            raise ValueError("the request's head is too long")
