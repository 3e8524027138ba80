"""OCSP on the PKI door, answered in the connection itself.

A question in its usual form (`ocsp_head`) that arrives between two messages
never reaches the HTTP parser, the layers or the routes: with an answer in
memory these would be nine tenths of the cost. Everything else goes the usual
way. Questions are answered one after the other, in their order, on each
connection; they are not written to the access log.
"""

import asyncio
from dataclasses import replace

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ca.ocsp.answers import Answer
from gateway.listeners.draining import Drain
from gateway.listeners.ocsp_desk import OcspDesk
from gateway.listeners.ocsp_head import OcspHead
from gateway.listeners.ocsp_messages import (
    PartOfQuestion,
    Question,
    read_question,
    write_response,
)

_IDLE_SECONDS = 30
# Of the 1,024 files that a process may usually open, logins need some.
_MOST_CONNECTIONS = 500
# After so many of one connection the event loop looks after the others.
_MOST_IN_A_ROW = 16


def with_ocsp(
    protocol: type[HttpToolsProtocol], desk: OcspDesk, drain: Drain
) -> type[HttpToolsProtocol]:
    """Return `protocol` with OCSP questions answered by `desk`, one each while it drains."""

    class OcspProtocol(protocol):  # type: ignore[valid-type, misc]
        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            if len(self.connections) > _MOST_CONNECTIONS:
                transport.abort()
            self._is_in_message = False
            self._kept = b""
            self._open_question: OcspHead | None = None
            # How much of what is kept waits for the epoch, which is asked for.
            self._waits_for_epoch = 0
            self._is_leaving = False
            self._active_at = 0.0
            self._idle: asyncio.TimerHandle | None = None

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_idling()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            if self._is_waiting():
                self._kept += data
                return
            if self._is_between_messages():
                data = self._answer_questions(self._take_kept() + data, None)
                if data:
                    self._hand_over(data)
                return
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
            if self._is_waiting():
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

        def _is_waiting(self) -> bool:
            return self._open_question is not None or self._waits_for_epoch > 0

        def _answer_questions(self, data: bytes, epoch: int | None) -> bytes:
            """Answer what `data` holds and return what is for the HTTP server.

            `epoch` was read after all of it had come; None when it was not yet.
            """
            self._start_idling()
            answers: list[bytes] = []
            rest = self._collect_answers(data, epoch, answers)
            if answers:
                self._active_at = self.loop.time()
                self.server_state.total_requests += len(answers)
                self.transport.write(b"".join(answers))
            if self._is_leaving and not self._is_waiting():
                self.transport.close()
            return rest

        def _collect_answers(self, data: bytes, epoch: int | None, answers: list[bytes]) -> bytes:
            while data and not self._is_leaving and not self.transport.is_closing():
                try:
                    question = read_question(data)
                except PartOfQuestion:
                    # It has until the idle timer to become whole.
                    self._kept = data
                    return b""
                if question is None:
                    return data
                if self.flow.write_paused or len(answers) == _MOST_IN_A_ROW:
                    # Whoever does not read answers does not get questions read.
                    self._wait_with(data)
                    if not self.flow.write_paused:
                        self.loop.call_soon(self._go_on)
                    return b""
                if epoch is None:
                    epoch = desk.epoch_at_hand()
                if epoch is None:
                    self._ask_epoch(data)
                    return b""
                answer = desk.answer_now(question.request, epoch)
                if answer is None:
                    self._ask_for_more(question)
                    return b""
                answers.append(self._response(question.head, answer))
                data = question.rest
            return b""

        def _ask_epoch(self, data: bytes) -> None:
            self._wait_with(data)
            self._waits_for_epoch = len(data)
            desk.ask_epoch(self._epoch_has_come, self.loop.call_soon_threadsafe)

        def _epoch_has_come(self, epoch: int | None) -> None:
            asked, self._waits_for_epoch = self._waits_for_epoch, 0
            data = self._take_kept()
            if self.transport.is_closing():
                return
            if len(data) > asked:
                # What came during the reading needs another one.
                self._ask_epoch(data)
                return
            self.flow.resume_reading()
            if epoch is None:
                question = read_question(data)
                assert question is not None, "it was one when the epoch was asked for"
                self._ask_for_more(question)
            elif rest := self._answer_questions(data, epoch):
                self._hand_over(rest)

        def _hand_over(self, data: bytes) -> None:
            self._stop_idling()
            self._expect_head()
            super().data_received(data)

        def _ask_for_more(self, question: Question) -> None:
            self._open_question = question.head
            self._wait_with(question.rest)
            desk.answer_soon(question.request, self._give, self.loop.call_soon_threadsafe)

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
            if drain.is_draining:
                head = replace(head, keeps_alive=False)
            if not head.keeps_alive:
                self._is_leaving = True
            return write_response(head, answer, tuple(self.server_state.default_headers))

        def _wait_with(self, rest: bytes) -> None:
            self._kept = rest
            self.flow.pause_reading()

        def _go_on(self) -> None:
            if self._is_waiting() or self.transport.is_closing():
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
            elif self._is_waiting():
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
