"""The questions of one connection and their answers, whatever moves its octets.

Questions are answered one after the other, in their order. A question in its
usual form (`head`) never reaches the HTTP parser, the layers or the routes:
with an answer in memory these would be nine tenths of the cost. Nothing here is
written to the access log.
"""

import asyncio
from dataclasses import replace
from typing import Protocol

from uvicorn.server import ServerState

from ca.ocsp.answers import Answer
from gateway.listeners.draining import Drain
from gateway.listeners.ocsp.desk import OcspDesk
from gateway.listeners.ocsp.head import OcspHead
from gateway.listeners.ocsp.messages import (
    PartOfQuestion,
    Question,
    read_question,
    write_response,
)

# After so many of one connection the event loop looks after the others.
MOST_IN_A_ROW = 16


class Wire(Protocol):
    """What moves the octets of one connection, and who has it when it is not about OCSP."""

    def write(self, octets: bytes) -> None:
        """Send all of them, sooner or later."""
        ...

    def is_full(self) -> bool:
        """Return whether the client has answers to read before it gets more."""
        ...

    def relieve(self) -> None:
        """Wait until it is no longer full, and have the conversation go on then."""
        ...

    def pause(self) -> None:
        """Read no more than can be kept: an answer is waited for."""
        ...

    def resume(self) -> None:
        """Read again: everything that has come is answered, or is not whole yet."""
        ...

    def is_closing(self) -> bool:
        """Return whether nothing more can be said."""
        ...

    def close(self) -> None:
        """Close when all is sent."""
        ...

    def hand_over(self, octets: bytes) -> None:
        """Give what came, which is not plainly a question, to the HTTP server."""
        ...


class Conversation:
    """What was asked on a connection and is not answered yet. Lives in the event loop's thread."""

    __slots__ = (
        "_desk", "_drain", "_goes_on", "_is_at_end", "_is_leaving", "_kept", "_loop",
        "_open_question", "_state", "_waits_for_epoch", "_wire", "active_at",
    )  # fmt: skip

    def __init__(
        self,
        wire: Wire,
        desk: OcspDesk,
        drain: Drain,
        state: ServerState,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._wire = wire
        self._desk = desk
        self._drain = drain
        self._state = state
        self._loop = loop
        self._kept = b""
        self._open_question: OcspHead | None = None
        # How much of what is kept waits for the epoch, which is asked for.
        self._waits_for_epoch = 0
        # There is more to answer when the event loop has looked after the others.
        self._goes_on = False
        self._is_at_end = False
        self._is_leaving = False
        # In the loop's time; when the connection came, until there is an answer.
        self.active_at = loop.time()

    @property
    def is_waiting(self) -> bool:
        """Return whether an answer is on its way that takes the database or a thread."""
        return self._open_question is not None or self._waits_for_epoch > 0

    @property
    def is_busy(self) -> bool:
        """Return whether it goes on by itself: what comes now is for later."""
        return self._goes_on or self.is_waiting

    @property
    def kept_octets(self) -> int:
        """Return how much has come that is not answered."""
        return len(self._kept)

    def take_kept(self) -> bytes:
        """Return what has come and is not answered, for somebody else to answer."""
        data, self._kept = self._kept, b""
        return data

    def put_back(self, data: bytes) -> None:
        """Keep `data`, which came before all that is kept."""
        self._kept = data + self._kept

    def receive(self, data: bytes) -> None:
        """Take what has come; `answer` is next."""
        self._kept = self._kept + data if self._kept else data

    def answer(self, epoch: int | None = None) -> int:
        """Answer what has come, as far as possible now; return how many answers that were.

        `epoch` was read after all of it had come; None when it was not yet.
        """
        return 0 if self.is_waiting else self._answer_under(epoch, 0)

    def go_on(self) -> None:
        """Answer what is kept, after the others had their turn or the client has read."""
        self._goes_on = False
        if not self._wire.is_closing():
            self.answer()

    def end(self) -> None:
        """Close the connection when everything is answered: no more will come."""
        self._is_at_end = True
        if not self.is_busy:
            self._wire.close()

    def leave(self) -> None:
        """Close the connection, after the answer that is on its way."""
        if self.is_waiting:
            self._is_leaving = True
        else:
            self._wire.close()

    def _answer_under(self, epoch: int | None, later: int) -> int:
        """Answer; the last `later` octets came after the epoch was asked for."""
        answers: list[bytes] = []
        is_foreign = self._collect(answers, epoch, later)
        if answers:
            self.active_at = self._loop.time()
            self._state.total_requests += len(answers)
            self._wire.write(b"".join(answers))
        self._end_step(is_foreign)
        return len(answers)

    def _collect(self, answers: list[bytes], epoch: int | None, later: int) -> bool:
        """Take questions and find answers; return whether what is kept is the HTTP server's."""
        wire = self._wire
        while self._kept and not self._is_leaving and not wire.is_closing():
            try:
                question = read_question(self._kept)
            except PartOfQuestion:
                break  # it has until the connection is idle to become whole
            if question is None:
                return True
            # Whoever does not read answers does not get questions read.
            if wire.is_full() or self._has_had_its_turn(len(answers)):
                break
            if epoch is None or len(question.rest) < later:
                epoch, later = self._desk.epoch_at_hand(), 0
            answer = self._find_answer(question, epoch)
            if answer is None:
                break
            answers.append(self._response(question.head, answer))
            self._kept = question.rest
        return False

    def _has_had_its_turn(self, answers: int) -> bool:
        if answers < MOST_IN_A_ROW:
            return False
        self._goes_on = True
        self._wire.pause()
        self._loop.call_soon(self.go_on)
        return True

    def _find_answer(self, question: Question, epoch: int | None) -> Answer | None:
        """Return the answer, or ask for what it takes."""
        if epoch is None:
            self._ask_epoch()
            return None
        answer = self._desk.answer_now(question.request, epoch)
        if answer is None:
            self._ask_for_more(question)
        return answer

    def _end_step(self, is_foreign: bool) -> None:
        wire = self._wire
        if self.is_waiting or wire.is_closing():
            return
        if self._is_leaving:
            wire.close()
        elif wire.is_full():
            wire.relieve()
        elif is_foreign:
            wire.hand_over(self.take_kept())
        elif self._goes_on:
            return
        elif self._is_at_end:
            wire.close()
        else:
            wire.resume()

    def _ask_epoch(self) -> None:
        self._waits_for_epoch = len(self._kept)
        self._wire.pause()
        self._desk.ask_epoch(self._epoch_has_come, self._loop.call_soon_threadsafe)

    def _epoch_has_come(self, epoch: int | None) -> None:
        later, self._waits_for_epoch = len(self._kept) - self._waits_for_epoch, 0
        if self._wire.is_closing():
            return
        if epoch is not None:
            self._answer_under(epoch, later)
            return
        question = read_question(self._kept)
        assert question is not None, "it was one when the epoch was asked for"
        self._ask_for_more(question)

    def _ask_for_more(self, question: Question) -> None:
        self._open_question, self._kept = question.head, question.rest
        self._wire.pause()
        self._desk.answer_soon(question.request, self._give, self._loop.call_soon_threadsafe)

    def _give(self, answer: Answer) -> None:
        head, self._open_question = self._open_question, None
        if head is None or self._wire.is_closing():
            return
        self.active_at = self._loop.time()
        self._state.total_requests += 1
        self._wire.write(self._response(head, answer))
        self._answer_under(None, 0)

    def _response(self, head: OcspHead, answer: Answer) -> bytes:
        if self._drain.is_draining:
            head = replace(head, keeps_alive=False)
        if not head.keeps_alive:
            self._is_leaving = True
        return write_response(head, answer, tuple(self._state.default_headers))
