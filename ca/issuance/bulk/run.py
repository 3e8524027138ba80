"""One run over many orders: its batches, each at another step at the same time."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

import structlog
from cryptography import x509
from sqlalchemy.orm import Session

from ca.issuance.bulk.drafts import BatchDrafting, Draft
from ca.issuance.bulk.pipeline import Transactions
from ca.issuance.bulk.rows import BatchRows
from ca.issuance.drafting import Drafting
from ca.issuance.orders import AnyOrder, RequestedOrder, Together
from ca.proofs import Verdicts, Verifier
from ca.signing import UnverifiedCertificate
from foundation.audit import Actor

_LOG = structlog.get_logger(__name__)

Batch = list[AnyOrder]


@dataclass
class _Begun:
    """A batch from its intent on."""

    drafts: Sequence[Draft]
    intended: Future[None]
    may_be_signed: bool = False
    signed: Sequence[UnverifiedCertificate] = ()
    verify: Callable[[], None] | None = None
    stored: Future[None] | None = None


@dataclass
class Run:
    """The steps of batches, in their order; see `ca.issuance.bulk.issuing`."""

    batch_drafting: BatchDrafting
    drafting: Drafting
    rows: BatchRows
    transactions: Transactions
    verifier: Verifier
    together: Together
    by: Actor
    _begun: deque[_Begun] = field(default_factory=deque)

    def begin_requests(self, batches: Iterator[Batch]) -> Iterator[tuple[Batch, Verdicts]]:
        """Before all: have the requests of each batch verified."""
        for orders in batches:
            requests = [one.unverified_csr for one in orders if isinstance(one, RequestedOrder)]
            yield orders, self.verifier.begin_requests(requests)

    def begin_intents(self, asked: Iterator[tuple[Batch, Verdicts]]) -> Iterator[_Begun]:
        """Steps 1 to 4: draft each batch, and begin to write what will be signed."""
        for orders, verdicts in asked:
            # 1. reserve, 2. build and 3. lint
            drafts = self.batch_drafting.draft(orders, verdicts())

            # 4. intend
            def intend(session: Session, drafts: Sequence[Draft] = drafts) -> None:
                self.rows.intend(session, drafts, self.by)
                self.together.with_intents(session, [draft.order for draft in drafts])

            batch = _Begun(drafts, self.transactions.begin(intend))
            self._begun.append(batch)
            yield batch

    def sign(self, intended: Iterator[_Begun]) -> Iterator[_Begun]:
        """Steps 5 and 6: sign each batch, compare, and begin to verify the signatures."""
        for batch in intended:
            # Nothing is signed before its intent is durable.
            batch.intended.result()
            signer = self.drafting.issuer(batch.drafts[0].wanted.issuer).signer

            # 5. sign and 6. compare
            batch.may_be_signed = True
            batch.signed = [signer.sign_unverified(draft.drafted.linted) for draft in batch.drafts]
            signatures = [one.signed for one in batch.signed]
            batch.verify = self.verifier.begin_signatures(signer.public_key, signatures)
            yield batch

    def begin_storing(self, signed: Iterator[_Begun]) -> Iterator[_Begun]:
        """Step 7: begin to store each batch, once every signature in it verifies."""
        for batch in signed:
            batch.stored = self._begin_storing(batch)
            yield batch

    def hand_out(self, stored: Iterator[_Begun]) -> Iterator[x509.Certificate]:
        """Step 8: yield the certificates of each batch that is stored."""
        for batch in stored:
            assert batch.stored is not None
            batch.stored.result()
            self._begun.popleft()
            for one in batch.signed:
                yield one.certificate

    def stop(self) -> None:
        """End what is begun and not handed out; does nothing after the last batch.

        What is signed and verifies is stored. What is intended and not signed is
        abandoned, but for reserved numbers: somebody waits for them. All else
        stays prepared (`reconcile` completes it).
        """
        for batch in self._begun:
            try:
                self._end(batch)
            except Exception:
                # What stopped the run is what the caller shall hear of.
                _LOG.exception("batch_left_prepared", count=len(batch.drafts))

    def _begin_storing(self, batch: _Begun) -> Future[None]:
        assert batch.verify is not None
        # 6. verify: nobody sees or keeps a signature before the proof.
        batch.verify()
        contents = [one.der for one in batch.signed]

        # 7. store
        def store(session: Session) -> None:
            self.rows.store(session, batch.drafts, contents, self.by)
            self.together.with_certificates(session, [draft.order for draft in batch.drafts])

        return self.transactions.begin(store)

    def _end(self, batch: _Begun) -> None:
        if batch.stored is not None or batch.intended.exception() is not None:
            return
        if batch.verify is not None:
            self._begin_storing(batch).result()
        elif not batch.may_be_signed and not any(one.is_of_reserved_number for one in batch.drafts):
            give_up = self.transactions.begin(
                lambda session: self.rows.give_up(session, batch.drafts, self.by)
            )
            give_up.result()
