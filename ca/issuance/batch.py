"""Issuing many certificates at once: the same steps, each once for a whole batch.

1. reserve   a number for each order; its row comes with step 4
2. build     every content
3. lint      every content; one that breaks a rule stops its batch
4. intend    ONE transaction: a row for each, prepared, and one audit entry
5. sign      exactly the linted content
6. compare   what was signed with what was linted, and verify (`ca.signing`)
7. store     ONE transaction: every certificate, and an audit entry for each
8. hand out  only now does anybody see them

Nothing is signed before its row is durable, as in `ca.issuance.issuance`. After
a crash between 4 and 7 the whole batch is prepared, and `reconcile` or
`complete` finishes it with the same content. For subscribers who have keys of
their own already: a bureau that moves here from another CA, a renewal of all.

While the database writes one batch, the next is drafted and the one before is
signed (`ca.issuance.pipeline`), and the requests of the one after that are
verified, in a process of its own if the caller has one (`ca.csr.readers`). The
steps of one batch keep their order.
"""

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from typing import NamedTuple

import structlog
from cryptography import x509
from sqlalchemy import bindparam, literal_column, update
from sqlalchemy.orm import Session

from ca.crl.shards import shard_of
from ca.csr import READING_HERE, CsrRefused, RequestReader
from ca.csr.readers import Verdict, Verdicts
from ca.encoding.signature_algorithms import assemble_signed
from ca.errors import CertificateStateConflict, KeyOfAnother
from ca.issuance.authorities import IssuingAuthorities
from ca.issuance.drafting import Content, Drafted, Drafting, Wanted
from ca.issuance.known_keys import verify_keys_are_free
from ca.issuance.orders import NOTHING_ELSE, AnyOrder, Order, RequestedOrder, Together
from ca.issuance.pipeline import Transactions, one_ahead
from ca.issuance.prepared_rows import insert_prepared, prepare_reserved, prepared_row
from ca.issuance.reserved_rows import Reserved, wanted_of
from ca.key_types import EndEntityPublicKey
from ca.models import AuthorityName, CertificateRecord
from ca.profiles import SUBSCRIBER_PROFILES
from ca.records import fingerprint_of, get_record
from ca.serial_numbers import draw_serial_number
from foundation.audit import Actor, AuditDraft, AuditLog
from foundation.clock import Clock
from foundation.database import Database, execute_for_each
from foundation.randomness import Randomness

# Few enough that others get the audit chain several times a second, many enough
# that the two flushes to the disk are shared by all.
BATCH = 500

_LOG = structlog.get_logger(__name__)
_TABLE = CertificateRecord.__table__
_STORE = (
    update(_TABLE)  # type: ignore[arg-type]
    .where(
        _TABLE.c.serial_number == bindparam("number"),
        _TABLE.c.state == literal_column("'prepared'"),
    )
    .values(
        state=literal_column("'good'"),
        der=bindparam("content"),
        fingerprint_sha256=bindparam("fingerprint"),
        issued_at=bindparam("moment"),
    )
)


_GIVE_UP = (
    update(_TABLE)  # type: ignore[arg-type]
    .where(
        _TABLE.c.serial_number == bindparam("number"),
        _TABLE.c.state == literal_column("'prepared'"),
    )
    .values(state=literal_column("'abandoned'"))
)
_Key = tuple[EndEntityPublicKey, bytes | None]


class _Draft(NamedTuple):
    order: AnyOrder
    wanted: Wanted
    drafted: Drafted


@dataclass
class _Batch:
    drafts: Sequence[_Draft]
    intended: Future[None]
    is_signed: bool = False
    certificates: Sequence[x509.Certificate] = ()
    stored: Future[None] = field(default_factory=Future)


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
        self._authorities = authorities
        self._drafting = drafting
        self._audit = audit
        self._clock = clock
        self._randomness = randomness
        self._crl_shards = crl_shards

    def issue_all(
        self,
        database: Database,
        orders: Iterable[AnyOrder],
        by: Actor,
        *,
        reader: RequestReader = READING_HERE,
        together: Together = NOTHING_ELSE,
    ) -> Generator[x509.Certificate]:
        """Yield the certificate of each order in their order, after its batch is stored.

        Opens its own transactions and must not be called inside one. Raises what
        `Issuance.prepare` raises and `CsrRefused`, for an order of a batch that is
        refused (of several the one whose step comes first): then nothing of its
        batch was kept or signed, and the batches before it stand. Does not check
        that the subscribers may have a certificate, nor of an `Order` that its
        subscriber holds the key.

        Reserved numbers have to be of one issuing CA within a batch, and still
        reserved for their subscribers (`CertificateStateConflict`). `together` is
        written in the transactions of steps 4 and 7.

        `reader` verifies the requests of one batch while others are worked on. When
        the caller stops before the end, or a batch fails, what was stored by then
        stands, and what was intended and not signed is abandoned, but for reserved
        numbers, which stay prepared.
        """
        remaining = iter(orders)
        batches = iter(lambda: list(islice(remaining, BATCH)), [])
        begun: deque[_Batch] = deque()
        with Transactions(database) as transactions:
            try:
                read = one_ahead(self._begin_reading(batches, reader))
                intended = one_ahead(self._begin_intents(read, transactions, begun, together, by))
                for batch in one_ahead(self._begin_storing(intended, transactions, together, by)):
                    # 8. hand out
                    batch.stored.result()
                    begun.popleft()
                    yield from batch.certificates
            finally:
                self._abandon(database, begun, by)

    def _begin_reading(
        self, batches: Iterator[list[AnyOrder]], reader: RequestReader
    ) -> Iterator[tuple[list[AnyOrder], Verdicts]]:
        for orders in batches:
            requests = [one.unverified_csr for one in orders if isinstance(one, RequestedOrder)]
            yield orders, reader.begin(requests)

    def _begin_intents(
        self,
        read: Iterator[tuple[list[AnyOrder], Verdicts]],
        transactions: Transactions,
        begun: deque[_Batch],
        together: Together,
        by: Actor,
    ) -> Iterator[_Batch]:
        for orders, verdicts in read:
            # 1. reserve
            issuer = self._authorities.issuing.name
            reserved = [self._reserve(order, issuer) for order in orders]

            # 2. build and 3. lint, each for all: code that has just run runs fastest
            keys = _keys(orders, verdicts())
            contents = [
                self._drafting.build(wanted, order.subject, *key)
                for wanted, order, key in zip(reserved, orders, keys, strict=True)
            ]
            drafts = [
                _Draft(order, wanted, self._lint(content, wanted))
                for order, wanted, content in zip(orders, reserved, contents, strict=True)
            ]

            # 4. intend
            intend = partial(self._intend, drafts, together, by)
            batch = _Batch(drafts, transactions.begin(intend))
            begun.append(batch)
            yield batch

    def _begin_storing(
        self,
        intended: Iterator[_Batch],
        transactions: Transactions,
        together: Together,
        by: Actor,
    ) -> Iterator[_Batch]:
        for batch in intended:
            # Nothing is signed before its intent is durable.
            batch.intended.result()

            # 5. sign and 6. compare
            batch.is_signed = True
            signer = self._drafting.issuer(batch.drafts[0].wanted.issuer).signer
            batch.certificates = [
                signer.sign_certificate(draft.drafted.linted) for draft in batch.drafts
            ]

            # 7. store
            signed = [
                # Octet for octet what was compared (`ca.signing`), and sooner than encoding it.
                assemble_signed(draft.drafted.tbs, signer.public_key, certificate.signature)
                for draft, certificate in zip(batch.drafts, batch.certificates, strict=True)
            ]
            store = partial(self._store, batch.drafts, signed, together, by)
            batch.stored = transactions.begin(store)
            yield batch

    def _abandon(self, database: Database, begun: Iterable[_Batch], by: Actor) -> None:
        """Give up what is intended and will not be signed; what was signed stays as it is.

        So do reserved numbers: somebody waits for them (`reconcile` completes them).
        """
        for batch in begun:
            if batch.is_signed or batch.intended.exception() is not None:
                continue
            if any(_reservation_of(draft.order) is not None for draft in batch.drafts):
                continue
            try:
                with database.writing() as session:
                    self._give_up(session, batch.drafts, by)
            except Exception:
                # What stopped the run is what the caller shall hear of; `reconcile` has the rest.
                _LOG.exception("batch_left_prepared", count=len(batch.drafts))

    def _give_up(self, session: Session, drafts: Sequence[_Draft], by: Actor) -> None:
        self._audit.lock_chain(session)
        numbers = [draft.wanted.serial_number for draft in drafts]
        execute_for_each(session, _GIVE_UP, [{"number": number} for number in numbers])
        self._audit.record_all(
            session,
            [
                AuditDraft("certificate.abandoned", by, f"certificate:{number}")
                for number in numbers
            ],
        )

    def _reserve(self, order: AnyOrder, issuer: AuthorityName) -> Wanted:
        if order.profile not in SUBSCRIBER_PROFILES:
            raise ValueError(f"certificates of profile {order.profile} are not issued in bulk")
        reserved = _reservation_of(order)
        if reserved is not None:
            if reserved.profile != order.profile:
                raise ValueError("the number is reserved for another profile")
            return wanted_of(reserved)
        serial_number = draw_serial_number(self._randomness)
        return Wanted(
            serial_number=serial_number,
            profile=order.profile,
            issuer=issuer,
            crl_shard=shard_of(serial_number, self._crl_shards),
        )

    def _lint(self, content: Content, wanted: Wanted) -> Drafted:
        linted = self._drafting.lint(content.tbs, wanted)
        return Drafted(content.tbs, linted, content.columns)

    def _intend(
        self, drafts: Sequence[_Draft], together: Together, by: Actor, session: Session
    ) -> None:
        now = self._clock.now()
        self._audit.lock_chain(session)
        verify_keys_are_free(session, _owners(drafts))
        self._write_intents(session, drafts, now)
        together.with_intents(session, [draft.order for draft in drafts])
        self._audit.record(
            session,
            "certificates.prepared",
            by=by,
            subject=f"batch:{drafts[0].wanted.serial_number}",
            issuer=drafts[0].wanted.issuer,
            count=len(drafts),
            # All that the signatures will be over: number, profile and digest.
            contents=[
                f"{draft.wanted.serial_number} {draft.wanted.profile} {draft.drafted.tbs_sha256}"
                for draft in drafts
            ],
        )

    def _write_intents(self, session: Session, drafts: Sequence[_Draft], now: datetime) -> None:
        rows, reserved = [], []
        for draft in drafts:
            if _reservation_of(draft.order) is None:
                subscriber = draft.order.subscriber
                rows.append(prepared_row(draft.wanted, draft.drafted, subscriber, now))
            else:
                number = draft.wanted.serial_number
                reserved.append((number, draft.order.subscriber, draft.drafted))
        if rows:
            insert_prepared(session, rows)
        if not prepare_reserved(session, reserved):
            raise _conflict(session, [number for number, _, _ in reserved], "prepared")

    def _store(
        self,
        drafts: Sequence[_Draft],
        contents: Sequence[bytes],
        together: Together,
        by: Actor,
        session: Session,
    ) -> None:
        now = self._clock.now()
        self._audit.lock_chain(session)
        rows, entries = [], []
        for draft, content in zip(drafts, contents, strict=True):
            number, fingerprint = draft.wanted.serial_number, fingerprint_of(content)
            rows.append(
                {"number": number, "content": content, "fingerprint": fingerprint, "moment": now}
            )
            entries.append(
                AuditDraft(
                    "certificate.issued",
                    by,
                    f"certificate:{number}",
                    facts={"fingerprint_sha256": fingerprint},
                )
            )
        if execute_for_each(session, _STORE, rows) != len(rows):
            # One was abandoned meanwhile: none of these signatures is handed out.
            raise _conflict(session, [draft.wanted.serial_number for draft in drafts], "good")
        self._audit.record_all(session, entries)
        together.with_certificates(session, [draft.order for draft in drafts])


def _keys(orders: Sequence[AnyOrder], verdicts: list[Verdict]) -> list[_Key]:
    """Return the key of each order, and its SPKI when that is at hand; raises `CsrRefused`."""
    of_requests = iter(verdicts)
    keys: list[_Key] = []
    for order in orders:
        if isinstance(order, Order):
            keys.append((order.public_key, None))
            continue
        verdict = next(of_requests)
        if isinstance(verdict, CsrRefused):
            raise verdict
        keys.append(verdict)
    return keys


def _owners(drafts: Sequence[_Draft]) -> dict[str, str | None]:
    """Return the subscriber of each key; raises `KeyOfAnother` when a batch has two for one."""
    owners: dict[str, str | None] = {}
    for draft in drafts:
        digest, subscriber = str(draft.drafted.columns["spki_sha256"]), draft.order.subscriber
        if owners.setdefault(digest, subscriber) != subscriber:
            raise KeyOfAnother
    return owners


def _reservation_of(order: AnyOrder) -> Reserved | None:
    return order.reserved if isinstance(order, Order) else None


def _conflict(
    session: Session, serial_numbers: Iterable[str], expected: str
) -> CertificateStateConflict:
    for serial_number in serial_numbers:
        record = get_record(session, serial_number)
        if record.state != expected:
            return CertificateStateConflict(record.serial_number, record.state)
    # Each is in the state it should be in, and the update did not touch all: another's.
    return CertificateStateConflict(record.serial_number, record.state)
