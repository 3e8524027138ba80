"""Answers, and the memory of those that may be given again."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from ca.authorities import OcspSigner
from ca.ocsp.encoding import AnswerForm, encode_form
from ca.ocsp.status import Standing


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """An OCSPResponse in DER; each signing makes another one.

    `this_update` and `next_update` are None for an error status; `is_shared`
    is whether it may be given to whoever asks the same (no nonce in it).
    """

    der: bytes
    this_update: datetime | None = None
    next_update: datetime | None = None
    is_shared: bool = False


@dataclass(slots=True, eq=False)
class Remembered:
    """What is known about one certificate in one epoch.

    `answer` was signed by `signer` and is given again from its this_update
    until `reuse_until`. `form` is that of the last answer with a nonce.
    """

    standing: Standing
    answer: Answer | None = None
    signer: OcspSigner | None = None
    reuse_until: datetime | None = None
    # One and no more: an asker may choose among 128 lengths of a nonce.
    form: AnswerForm | None = None

    def form_for(self, responder_id: bytes, cert_id: bytes, nonce_octets: int) -> AnswerForm:
        """Return the form of an answer about this certificate with such a nonce."""
        form = self.form
        if form is None or form.nonce_octets != nonce_octets or form.responder_id != responder_id:
            form = encode_form(responder_id, cert_id, self.standing.status, nonce_octets)
            self.form = form
        return form

    def answer_at(self, now: datetime, signer: OcspSigner) -> Answer | None:
        """Return the answer if it may be given again now, under the present signer."""
        return self._answer_before(self.reuse_until, now, signer)

    def last_answer_at(self, now: datetime, signer: OcspSigner) -> Answer | None:
        """Return the answer if clients still believe it; for when no other can be signed."""
        next_update = self.answer.next_update if self.answer is not None else None
        return self._answer_before(next_update, now, signer)

    def _answer_before(
        self, end: datetime | None, now: datetime, signer: OcspSigner
    ) -> Answer | None:
        answer = self.answer
        if answer is None or self.signer is not signer:
            return None
        assert answer.this_update is not None
        assert end is not None
        # Not before this_update either, for a clock that was set back: nobody
        # believes an answer of the future.
        return answer if answer.this_update <= now < end else None


class AnswerMemory:
    """The certificates asked about last, by CertID; thread-safe, and never more than `most`.

    Nothing is dropped when an epoch ends: what is found here is only believed
    by somebody who has just read the same epoch from the database.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._by_cert_id: OrderedDict[bytes, Remembered] = OrderedDict()

    def __len__(self) -> int:
        return len(self._by_cert_id)

    def find(self, cert_id: bytes, epoch: int) -> Remembered | None:
        """Return what is remembered of this epoch, or None."""
        with self._lock:
            found = self._by_cert_id.get(cert_id)
            if found is None or found.standing.epoch != epoch:
                return None
            self._by_cert_id.move_to_end(cert_id)
            return found

    def keep(self, cert_id: bytes, remembered: Remembered) -> None:
        """Remember, and forget whoever was asked about longest ago."""
        with self._lock:
            self._by_cert_id[cert_id] = remembered
            self._by_cert_id.move_to_end(cert_id)
            if len(self._by_cert_id) > self._most:
                self._by_cert_id.popitem(last=False)
