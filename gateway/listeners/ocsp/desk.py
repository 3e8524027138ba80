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
Tell = Callable[[int | None], None]

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

    def epoch_at_hand(self) -> int | None:
        """Return the revocation epoch if reading it takes no waiting, otherwise None."""
        return self._epochs.at_hand()

    def ask_epoch(self, tell: Tell, call_in_loop: Callable[..., object]) -> None:
        """Call `tell`, later and in the loop's thread, with an epoch read after now.

        Or with None, when there is none to be had: `answer_soon` then says why.
        `call_in_loop` is the loop's `call_soon_threadsafe`.
        """
        if self._epochs.is_at_hand or self._waiting >= _MOST_WAITING:
            call_in_loop(tell, None)
            return
        self._waiting += 1

        def tell_and_count(epoch: int | None) -> None:
            self._waiting -= 1
            tell(epoch)

        self._epochs.ask(tell_and_count)

    def answer_now(self, unverified_request: bytes, epoch: int) -> Answer | None:
        """Return the answer if there is one without waiting, otherwise None.

        `epoch` was read after the question had come.
        """
        return self._responder.answer_at_hand(unverified_request, epoch)

    def answer_soon(
        self, unverified_request: bytes, give: Give, call_in_loop: Callable[..., object]
    ) -> None:
        """Call `give` with the answer, later and in the loop's thread; it may take anything.

        `call_in_loop` is the loop's `call_soon_threadsafe`.
        """
        if self._waiting >= _MOST_WAITING:
            call_in_loop(give, _TRY_LATER)
            return
        self._waiting += 1

        def give_and_count(answer: Answer) -> None:
            self._waiting -= 1
            give(answer)

        self._threads.submit(self._responder.answer, unverified_request).add_done_callback(
            lambda done: call_in_loop(give_and_count, _result_of(done))
        )

    def close(self) -> None:
        """End the threads and close what they use."""
        self._threads.shutdown(cancel_futures=True)
        self._epochs.close()


def _result_of(done: "Future[Answer]") -> Answer:
    return _TRY_LATER if done.cancelled() else done.result()
