"""Answering OCSP requests for the issuing CAs with delegated signers.

An answer is true in the second in which it is given: a remembered one is given
again only under a revocation epoch that was read from the database after the
request had come (docs/decisions/0017-ocsp-caching.md).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

import structlog
from sqlalchemy import exc

from ca.authorities import Authority, OcspSigner
from ca.models import AuthorityName
from ca.ocsp.answers import Answer, AnswerMemory, Remembered
from ca.ocsp.encoding import encode_form, encode_refusal
from ca.ocsp.issuers import IssuerTable
from ca.ocsp.refusal import InternalError, Refused, TryLater, Unauthorized
from ca.ocsp.repeated import read_again
from ca.ocsp.request import StatusQuery
from ca.ocsp.signing import AnswerSigner
from ca.ocsp.status import Standing, read_standing
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Unavailable

DEFAULT_VALIDITY = timedelta(minutes=5)
# About 2 kB each.
MOST_REMEMBERED = 20_000

_LOG = structlog.get_logger(__name__)


class OcspAuthorities(Protocol):
    """Where the responder finds issuers and signers; signers are replaced when renewed."""

    @property
    def issuers(self) -> Mapping[AuthorityName, Authority]:
        """Return the issuing CAs by name."""
        ...

    @property
    def ocsp_signers(self) -> Mapping[AuthorityName, OcspSigner]:
        """Return the present signer of each."""
        ...


class OcspResponder:
    """Turns requests into responses, both DER. May be used from several threads."""

    def __init__(
        self,
        *,
        database: Database,
        hierarchy: OcspAuthorities,
        clock: Clock,
        validity: timedelta = DEFAULT_VALIDITY,
        most_remembered: int = MOST_REMEMBERED,
    ) -> None:
        """`validity` runs from this_update to next_update: how long a client may rely on it.

        For the first half of it the same answer is given again to those who ask
        without a nonce. `most_remembered` bounds the memory.
        """
        self._database = database
        self._hierarchy = hierarchy
        self._clock = clock
        self._validity = validity
        self._memory = AnswerMemory(most_remembered)
        self._issuers = IssuerTable(hierarchy.issuers)
        self._signers: dict[AuthorityName, AnswerSigner] = {}

    def respond(self, unverified_request: bytes) -> bytes:
        """Return the response in DER; see `answer`."""
        return self.answer(unverified_request).der

    def answer(self, unverified_request: bytes) -> Answer:
        """Return the answer, whatever the request is; never raises.

        malformedRequest for what cannot be read, unauthorized for issuers this
        responder does not speak for, tryLater when database or signer fail,
        internalError for a fault of the program. Reads the database and may
        sign, so it blocks.
        """
        try:
            query = read_again(unverified_request)
            issuer = self._issuer_of(query)
            standing = self._look_up(query, issuer)
            remembered = self._memory.find(query.cert_id, standing.epoch)
            signer = self._signer_of(issuer)
            if query.nonce is None:
                return self._answer(query, signer, standing, remembered)
            return self._answer_nonce(query, signer, standing, remembered)
        except Exception as failure:
            return _refuse(failure)

    def answer_at_hand(self, unverified_request: bytes, epoch: int) -> Answer | None:
        """Return the answer if it takes no waiting, otherwise None; never raises.

        `epoch` was read from the database after the request had come. Without
        that, or with a later one, the answer could be one that a revocation
        has ended.
        """
        try:
            query = read_again(unverified_request)
            issuer = self._issuer_of(query)
            remembered = self._memory.find(query.cert_id, epoch)
            if remembered is None:
                return None
            signer = self._signer_of(issuer)
            if query.nonce is None:
                found = remembered.answer_at(self._clock.now(), signer.signer)
                if found is not None or not signer.is_prompt:
                    return found
                return self._answer(query, signer, remembered.standing, remembered)
            if not signer.is_prompt:
                return None
            return self._answer_nonce(query, signer, remembered.standing, remembered)
        except Exception as failure:
            return _refuse(failure)

    def _issuer_of(self, query: StatusQuery) -> AuthorityName:
        if not self._issuers.is_of(self._hierarchy.issuers):
            self._issuers = IssuerTable(self._hierarchy.issuers)
        issuer = self._issuers.find(query.issuer_part)
        if issuer is None:
            raise Unauthorized
        return issuer

    def _signer_of(self, issuer: AuthorityName) -> AnswerSigner:
        present = self._hierarchy.ocsp_signers.get(issuer)
        if present is None:
            raise TryLater
        prepared = self._signers.get(issuer)
        if prepared is None or prepared.signer is not present:
            prepared = self._signers[issuer] = AnswerSigner(present, self._validity)
        return prepared

    def _look_up(self, query: StatusQuery, issuer: AuthorityName) -> Standing:
        with self._database.reading() as session:
            return read_standing(session, issuer, query.serial_number)

    def _answer(
        self,
        query: StatusQuery,
        signer: AnswerSigner,
        standing: Standing,
        remembered: Remembered | None,
    ) -> Answer:
        """Return the answer without a nonce that is remembered, or sign and remember a new one."""
        now = self._clock.now()
        found = remembered.answer_at(now, signer.signer) if remembered is not None else None
        if found is not None:
            return found
        times = signer.times_at(now)
        form = encode_form(signer.responder_id, query.cert_id, standing.status, None)
        try:
            signed = signer.sign(form, times, None)
        except Unavailable:
            last = remembered.last_answer_at(now, signer.signer) if remembered else None
            if last is not None:
                return last  # still true: the epoch is the present one
            raise
        answer = Answer(signed, times.this_update, times.next_update, is_shared=standing.lasts)
        if answer.is_shared:
            reuse_until = times.this_update + (times.next_update - times.this_update) / 2
            kept = Remembered(standing, answer, signer.signer, reuse_until)
            self._memory.keep(query.cert_id, kept)
        return answer

    def _answer_nonce(
        self,
        query: StatusQuery,
        signer: AnswerSigner,
        standing: Standing,
        remembered: Remembered | None,
    ) -> Answer:
        """Sign an answer with the nonce of the query."""
        nonce = query.nonce
        assert nonce is not None
        if remembered is None:
            remembered = Remembered(standing)
            if standing.lasts:
                self._memory.keep(query.cert_id, remembered)
        times = signer.times_at(self._clock.now())
        form = remembered.form_for(signer.responder_id, query.cert_id, len(nonce))
        return Answer(signer.sign(form, times, nonce), times.this_update, times.next_update)


def _refuse(failure: Exception) -> Answer:
    """Return the error status for a failure (RFC 6960 section 2.3)."""
    if isinstance(failure, Refused):
        refused = failure
    elif isinstance(failure, exc.DBAPIError | exc.TimeoutError | Unavailable):
        _LOG.warning("ocsp_unavailable", reason=type(failure).__name__)
        refused = TryLater()
    else:
        _LOG.error("ocsp_failed", exc_info=failure)
        refused = InternalError()
    return Answer(encode_refusal(refused.status))
