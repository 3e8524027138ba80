"""OCSP on a connection that the HTTP server has, between two of its messages.

The entrance gives a connection to the server as soon as something else comes
on it, for good: a proxy in front sends all kinds of requests over one. A
question that arrives there between two messages is still answered by the desk.
"""

import asyncio
from typing import Any

from gateway.listeners.draining import Drain
from gateway.listeners.http_protocol import HttpProtocol
from gateway.listeners.ocsp.connection import Legacy
from gateway.listeners.ocsp.conversation import Conversation
from gateway.listeners.ocsp.desk import OcspDesk

_IDLE_SECONDS = 30.0


class OcspHttpProtocol(HttpProtocol):
    """The HTTP server's protocol, with a conversation about OCSP in its pauses."""

    desk: OcspDesk
    drain: Drain
    _legacy: Legacy | None = None

    def inherit(self, legacy: Legacy) -> None:
        """Go on where the entrance was; called before the connection is made."""
        self._legacy = legacy

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, with what the entrance left."""
        super().connection_made(transport)
        if self._legacy is not None:
            # Else whoever resets its connection after a request is nobody in the audit log.
            self.client = self._legacy.client
        self._is_in_message = False
        self._idle: asyncio.TimerHandle | None = None
        self._conversation = Conversation(
            _HttpWire(self), self.desk, self.drain, self.server_state, self.loop
        )
        if self._legacy is not None:
            # In the next turn, when asyncio reads already and may be told not to.
            self.loop.call_soon(self._take_over)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timer."""
        self._stop_idling()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Answer questions between messages; all else is the HTTP server's."""
        if self._legacy is not None or self._conversation.is_busy:
            self._conversation.receive(data)
        elif self._is_between_messages():
            self._start_idling()
            self._conversation.receive(data)
            self._conversation.answer()
        else:
            super().data_received(data)

    def to_http_server(self, data: bytes) -> None:
        """Give the HTTP server what is not plainly a question."""
        self._stop_idling()
        self._expect_head()
        super().data_received(data)

    @property
    def has_questions(self) -> bool:
        """Return whether something has come that is not answered."""
        return self._conversation.kept_octets > 0

    def on_message_begin(self) -> None:
        """Note that what comes is its."""
        super().on_message_begin()
        self._is_in_message = True

    def on_message_complete(self) -> None:
        """Note that the next may be a question."""
        self._is_in_message = False
        super().on_message_complete()

    def resume_writing(self) -> None:
        """Answer what waited for the client to read."""
        super().resume_writing()
        if self.has_questions and not self._conversation.is_waiting:
            self._conversation.go_on()

    def shutdown(self) -> None:
        """Leave, after the answer that is on its way."""
        if self._legacy is not None:
            return  # the entrance asks again when what it left is taken over
        if self._conversation.is_waiting:
            self._conversation.leave()
        else:
            super().shutdown()

    def _take_over(self) -> None:
        legacy, self._legacy = self._legacy, None
        assert legacy is not None
        if self.transport.is_closing():
            return
        self._start_idling()
        if legacy.unsent:
            self.transport.write(legacy.unsent)
        if legacy.is_leaving:
            self._conversation.leave()
            return
        self._conversation.put_back(legacy.unread)
        self._conversation.answer()

    def _is_between_messages(self) -> bool:
        return not self._is_in_message and not self.pipeline and not self._is_answering()

    def _start_idling(self) -> None:
        # One timer for a whole connection instead of one for each question.
        if self._idle is None:
            self._head_has_come()
            self._unset_keepalive_if_required()
            self._conversation.active_at = self.loop.time()
            self._idle = self.loop.call_later(_IDLE_SECONDS, self._look_if_idle)

    def _look_if_idle(self) -> None:
        left = self._conversation.active_at + _IDLE_SECONDS - self.loop.time()
        if left > 0:
            self._idle = self.loop.call_later(left, self._look_if_idle)
        elif self._conversation.is_waiting:
            self._idle = self.loop.call_later(_IDLE_SECONDS, self._look_if_idle)
        else:
            # Also of a client that reads no answers, for whom a close would wait.
            self._idle = None
            self.transport.abort()

    def _stop_idling(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None


class _HttpWire:
    """The wire of a conversation on a transport of asyncio's."""

    def __init__(self, protocol: OcspHttpProtocol) -> None:
        self._protocol = protocol

    def write(self, octets: bytes) -> None:
        self._protocol.transport.write(octets)

    def is_full(self) -> bool:
        return bool(self._protocol.flow.write_paused)

    def relieve(self) -> None:
        if self._protocol.has_questions:
            # `resume_writing` has them answered.
            self.pause()

    def pause(self) -> None:
        self._protocol.flow.pause_reading()

    def resume(self) -> None:
        self._protocol.flow.resume_reading()

    def is_closing(self) -> bool:
        return self._protocol.transport.is_closing()

    def close(self) -> None:
        self._protocol.transport.close()

    def hand_over(self, octets: bytes) -> None:
        self.resume()
        self._protocol.to_http_server(octets)


def with_ocsp(protocol: type[HttpProtocol], desk: OcspDesk, drain: Drain) -> type[OcspHttpProtocol]:
    """Return `protocol` with OCSP questions answered by `desk`, one each while it drains."""
    bound: dict[str, Any] = {"desk": desk, "drain": drain}
    return type("BoundOcspProtocol", (OcspHttpProtocol, protocol), bound)
