"""The OCSP responder as the event loop asks it: at once where possible, never blocking.

A flood of questions that need database and signature is bounded here, so that
the threads and the processor are there for logins too: beyond a number of
waiting questions the answer is tryLater (RFC 6960 section 2.3).
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from cryptography.x509.ocsp import OCSPResponseStatus

from ca.ocsp import FreshEpoch, OcspResponder
from ca.ocsp.answers import Answer
from ca.ocsp.encoding import encode_refusal

Give = Callable[[Answer], None]

_THREADS = 2
_MOST_WAITING = 256
_TRY_LATER = Answer(encode_refusal(OCSPResponseStatus.TRY_LATER))


class OcspDesk:
    """Answers questions of one event loop; used in its thread only."""

    def __init__(self, responder: OcspResponder, epochs: FreshEpoch) -> None:
        self._responder = responder
        self._epochs = epochs
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="ocsp")
        self._waiting = 0

    def answer_now(self, unverified_request: bytes) -> Answer | None:
        """Return the answer if there is one without waiting, otherwise None."""
        epoch = self._epochs.at_hand()
        if epoch is None:
            return None
        return self._responder.answer_at_hand(unverified_request, epoch)

    def answer_soon(
        self, unverified_request: bytes, give: Give, call_in_loop: Callable[..., object]
    ) -> None:
        """Call `give` with the answer, later and in the loop's thread.

        `call_in_loop` is the loop's `call_soon_threadsafe`.
        """
        if self._waiting >= _MOST_WAITING:
            call_in_loop(give, _TRY_LATER)
            return
        self._waiting += 1

        def give_and_count(answer: Answer) -> None:
            self._waiting -= 1
            give(answer)

        def go_on(epoch: int | None) -> None:
            at_hand = (
                self._responder.answer_at_hand(unverified_request, epoch)
                if epoch is not None
                else None
            )
            if at_hand is not None:
                give_and_count(at_hand)
                return
            self._threads.submit(self._responder.answer, unverified_request).add_done_callback(
                lambda done: call_in_loop(give_and_count, _result_of(done))
            )

        if self._epochs.is_at_hand:
            go_on(None)  # asked already: it takes more than the epoch
        else:
            self._epochs.ask(go_on)

    def close(self) -> None:
        """End the threads and close what they use."""
        self._threads.shutdown(cancel_futures=True)
        self._epochs.close()


def _result_of(done: "Future[Answer]") -> Answer:
    return _TRY_LATER if done.cancelled() else done.result()
