"""Issuing many certificates at once: the same steps, each once for a whole batch.

1. reserve   a number for each order; its row comes with step 4
2. build     every content
3. lint      every content; one that breaks a rule stops its batch
4. intend    ONE transaction: a row for each, prepared, and one audit entry
5. sign      exactly the linted content
6. compare   what was signed with what was linted, and verify every signature
7. store     ONE transaction: every certificate, and an audit entry for each
8. hand out  only now does anybody see them

Nothing is signed before its row is durable, as in `ca.issuance.issuance`. After
a crash between 4 and 7 the whole batch is prepared, and `reconcile` or
`complete` finishes it with the same content. For subscribers who have keys of
their own already: a bureau that moves here from another CA, a renewal of all.

While the database writes one batch (`ca.issuance.bulk.pipeline`), the next is
drafted and the one before is signed. Requests are verified before their batch is
drafted and signatures after theirs is signed, in a process of its own if the
caller has one (`ca.proofs`). The steps of one batch keep their order.
"""

from collections.abc import Generator, Iterable
from itertools import islice

from cryptography import x509

from ca.issuance.authorities import IssuingAuthorities
from ca.issuance.bulk.drafts import BatchDrafting
from ca.issuance.bulk.pipeline import Transactions, one_ahead
from ca.issuance.bulk.rows import BatchRows
from ca.issuance.bulk.run import Run
from ca.issuance.drafting import Drafting
from ca.issuance.orders import NOTHING_ELSE, AnyOrder, Together
from ca.proofs import VERIFYING_HERE, Verifier
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.randomness import Randomness

# Few enough that others get the audit chain several times a second, many enough
# that the two flushes to the disk are shared by all.
BATCH = 500


class BatchIssuance:
    """Issues in batches under the issuing CA."""

    def __init__(
        self,
        *,
        authorities: IssuingAuthorities,
        drafting: Drafting,
        audit: AuditLog,
        clock: Clock,
        randomness: Randomness,
        crl_shards: int,
    ) -> None:
        self._drafting = drafting
        self._batch_drafting = BatchDrafting(
            authorities=authorities,
            drafting=drafting,
            randomness=randomness,
            crl_shards=crl_shards,
        )
        self._rows = BatchRows(audit, clock)

    def issue_all(
        self,
        database: Database,
        orders: Iterable[AnyOrder],
        by: Actor,
        *,
        verifier: Verifier = VERIFYING_HERE,
        together: Together = NOTHING_ELSE,
    ) -> Generator[x509.Certificate]:
        """Yield the certificate of each order in their order, after its batch is stored.

        Opens its own transactions and must not be called inside one. Raises what
        `Issuance.prepare` raises and `CsrRefused`, for an order of a batch that is
        refused (of several the one whose step comes first): then nothing of its
        batch was kept or signed, and the batches before it stand. Raises
        `SigningFault` for a batch with a signature that does not verify, which
        stays prepared. Does not check that the subscribers may have a
        certificate, nor of an `Order` that its subscriber holds the key.

        Reserved numbers have to be of one issuing CA within a batch, and still
        reserved for their subscribers (`CertificateStateConflict`). `together` is
        written in the transactions of steps 4 and 7.

        `verifier` verifies the proofs of some batches while others are worked on.
        When the caller stops before the end, or a batch fails, what was signed by
        then is stored, and what was intended and not signed is abandoned, but for
        reserved numbers, which stay prepared.
        """
        remaining = iter(orders)
        batches = iter(lambda: list(islice(remaining, BATCH)), [])
        with Transactions(database) as transactions:
            run = Run(
                batch_drafting=self._batch_drafting,
                drafting=self._drafting,
                rows=self._rows,
                transactions=transactions,
                verifier=verifier,
                together=together,
                by=by,
            )
            try:
                asked = one_ahead(run.begin_requests(batches))
                intended = one_ahead(run.begin_intents(asked))
                signed = one_ahead(run.sign(intended))
                stored = one_ahead(run.begin_storing(signed))
                yield from run.hand_out(stored)
            finally:
                run.stop()
