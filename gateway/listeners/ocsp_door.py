"""OCSP on the PKI door, answered in the connection itself.

A question in its usual form (`ocsp_head`) that arrives between two messages
never reaches the HTTP parser, the layers or the routes: with an answer in
memory these would be nine tenths of the cost. Everything else goes the usual
way. Questions are answered one after the other, in their order, on each
connection; they are not written to the access log.
"""

import asyncio
from dataclasses import dataclass

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ca.ocsp.answers import Answer
from ca.ocsp.http_headers import OCSP_MEDIA_TYPE, get_headers, is_known_to_asker, post_headers
from gateway.listeners.ocsp_desk import OcspDesk
from gateway.listeners.ocsp_head import END_OF_HEAD, OcspHead, may_become_question, read_head

_IDLE_SECONDS = 30
# Of the 1,024 files that a process may usually open, logins need some.
_MOST_CONNECTIONS = 500
# After so many of one connection the event loop looks after the others.
_MOST_IN_A_ROW = 16

_TYPE = f"content-type: {OCSP_MEDIA_TYPE}\r\nx-content-type-options: nosniff\r\n".encode()
_POST_HEADERS = "".join(f"{name}: {value}\r\n" for name, value in post_headers()).encode()


@dataclass(frozen=True, slots=True)
class Question:
    """One whole question and what followed it on the wire."""

    head: OcspHead
    request: bytes
    rest: bytes


class PartOfQuestion(Exception):
    """It begins as an OCSP client's, and there is more to come."""


def read_question(data: bytes) -> Question | None:
    """Return the question that `data` begins with, or None when it is for the HTTP server.

    Raises `PartOfQuestion`.
    """
    end = data.find(END_OF_HEAD)
    if end < 0:
        if may_become_question(data):
            raise PartOfQuestion
        return None
    head = read_head(data[:end])
    if head is None:
        return None
    start = end + len(END_OF_HEAD)
    if head.request is not None:
        return Question(head, head.request, data[start:])
    stop = start + head.length
    if len(data) < stop:
        raise PartOfQuestion
    return Question(head, data[start:stop], data[stop:])


def with_ocsp(protocol: type[HttpToolsProtocol], desk: OcspDesk) -> type[HttpToolsProtocol]:
    """Return `protocol` with OCSP questions answered by `desk`."""

    class OcspProtocol(protocol):  # type: ignore[valid-type, misc]
        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            if len(self.connections) > _MOST_CONNECTIONS:
                transport.abort()
            self._is_in_message = False
            self._kept = b""
            self._open_question: OcspHead | None = None
            self._is_leaving = False
            self._active_at = 0.0
            self._idle: asyncio.TimerHandle | None = None

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_idling()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            if self._open_question is not None:
                self._kept += data
                return
            if self._is_between_messages():
                data = self._answer_questions(self._take_kept() + data)
                if not data:
                    return
                self._stop_idling()
                self._expect_head()
            super().data_received(data)

        def on_message_begin(self) -> None:
            super().on_message_begin()
            self._is_in_message = True

        def on_message_complete(self) -> None:
            self._is_in_message = False
            super().on_message_complete()

        def resume_writing(self) -> None:
            super().resume_writing()
            if self._kept:
                self._go_on()

        def shutdown(self) -> None:
            if self._open_question is not None:
                self._is_leaving = True  # after its answer
            else:
                super().shutdown()

        def _is_between_messages(self) -> bool:
            cycle = self.cycle
            return (
                not self._is_in_message
                and not self.pipeline
                and (cycle is None or cycle.response_complete)
            )

        def _answer_questions(self, data: bytes) -> bytes:
            """Answer what `data` holds and return what is for the HTTP server."""
            self._start_idling()
            answers: list[bytes] = []
            rest = self._collect_answers(data, answers)
            if answers:
                self._active_at = self.loop.time()
                self.server_state.total_requests += len(answers)
                self.transport.write(b"".join(answers))
            if self._is_leaving and self._open_question is None:
                self.transport.close()
            return rest

        def _collect_answers(self, data: bytes, answers: list[bytes]) -> bytes:
            while data and not self._is_leaving and not self.transport.is_closing():
                try:
                    question = read_question(data)
                except PartOfQuestion:
                    # It has until the idle timer to become whole.
                    self._kept = data
                    return b""
                if question is None:
                    return data
                if self.flow.write_paused:
                    # Whoever does not read answers does not get questions read.
                    self._wait_with(data)
                    return b""
                if len(answers) == _MOST_IN_A_ROW:
                    self._wait_with(data)
                    self.loop.call_soon(self._go_on)
                    return b""
                answer = desk.answer_now(question.request)
                if answer is None:
                    self._open_question = question.head
                    self._wait_with(question.rest)
                    desk.answer_soon(question.request, self._give, self.loop.call_soon_threadsafe)
                    return b""
                answers.append(self._response(question.head, answer))
                data = question.rest
            return b""

        def _give(self, answer: Answer) -> None:
            head, self._open_question = self._open_question, None
            if head is None or self.transport.is_closing():
                return
            self._active_at = self.loop.time()
            self.server_state.total_requests += 1
            self.transport.write(self._response(head, answer))
            if self._is_leaving:
                self.transport.close()
            else:
                self._go_on()

        def _response(self, head: OcspHead, answer: Answer) -> bytes:
            if not head.keeps_alive:
                self._is_leaving = True
            date = b"".join(
                b"%b: %b\r\n" % (name, value) for name, value in self.server_state.default_headers
            )
            return _response(head, answer, date)

        def _wait_with(self, rest: bytes) -> None:
            self._kept = rest
            self.flow.pause_reading()

        def _go_on(self) -> None:
            if self._open_question is not None or self.transport.is_closing():
                return
            self.flow.resume_reading()
            if data := self._take_kept():
                self.data_received(data)

        def _take_kept(self) -> bytes:
            data, self._kept = self._kept, b""
            return data

        def _start_idling(self) -> None:
            if self._idle is None:
                self._head_has_come()
                self._unset_keepalive_if_required()
                self._active_at = self.loop.time()
                self._idle = self.loop.call_later(_IDLE_SECONDS, self._look_if_idle)

        def _look_if_idle(self) -> None:
            # One timer for a whole connection instead of one for each question.
            left = self._active_at + _IDLE_SECONDS - self.loop.time()
            if left > 0:
                self._idle = self.loop.call_later(left, self._look_if_idle)
            elif self._open_question is not None:
                self._idle = self.loop.call_later(_IDLE_SECONDS, self._look_if_idle)
            else:
                # Also of a client that reads no answers, for whom a close would wait.
                self._idle = None
                self.transport.abort()

        def _stop_idling(self) -> None:
            if self._idle is not None:
                self._idle.cancel()
                self._idle = None

    return OcspProtocol


def _response(head: OcspHead, answer: Answer, date: bytes) -> bytes:
    """RFC 6960 appendix A: always 200; what went wrong stands inside."""
    if head.request is None:
        headers = _POST_HEADERS
    else:
        headers = b"".join(f"{name}: {value}\r\n".encode() for name, value in get_headers(answer))
        if is_known_to_asker(answer, head.if_none_match):
            return b"HTTP/1.1 304 Not Modified\r\n%b%b%b\r\n" % (date, headers, _end_of(head))
    return b"HTTP/1.1 200 OK\r\n%b%b%b%bcontent-length: %d\r\n\r\n%b" % (
        date, _TYPE, headers, _end_of(head), len(answer.der), answer.der,
    )  # fmt: skip


def _end_of(head: OcspHead) -> bytes:
    return b"" if head.keeps_alive else b"connection: close\r\n"
