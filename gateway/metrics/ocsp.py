"""The OCSP responder, counted: by every way in."""

from collections.abc import Callable

from ca.ocsp import OcspResponder
from ca.ocsp.answers import Answer


class CountedResponder(OcspResponder):
    """Tells `on_answer` of each answer whether it says something or refuses."""

    on_answer: Callable[[bool], None]

    def answer(self, unverified_request: bytes) -> Answer:
        """Return the answer, whatever the request is; never raises."""
        return self._counted(super().answer(unverified_request))

    def answer_at_hand(self, unverified_request: bytes, epoch: int) -> Answer | None:
        """Return the answer if it takes no waiting, otherwise None; never raises."""
        answer = super().answer_at_hand(unverified_request, epoch)
        return answer if answer is None else self._counted(answer)

    def _counted(self, answer: Answer) -> Answer:
        self.on_answer(answer.this_update is not None)
        return answer
