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
their own already: a bureau that moves here from another CA, a renewal of all. One
thread does it: with two, and with a batch begun while another is finished, what they
do in turns cost more than what they do at the same time saved (docs/benchmarks.md).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from cryptography import x509
from sqlalchemy import bindparam, literal_column, update
from sqlalchemy.orm import Session

from ca.crl.shards import shard_of
from ca.csr import accept_csr
from ca.encoding.signature_algorithms import assemble_signed
from ca.errors import CertificateStateConflict, KeyOfAnother
from ca.issuance.authorities import IssuingAuthorities
from ca.issuance.drafting import Content, Drafted, Drafting, Wanted
from ca.issuance.known_keys import verify_keys_are_free
from ca.issuance.prepared_rows import insert_prepared, prepared_row
from ca.key_types import EndEntityPublicKey
from ca.models import AuthorityName, CertificateRecord, ProfileName
from ca.names.subject import Subject
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


@dataclass(frozen=True)
class Order:
    """One certificate that is wanted for a key which its owner holds (`ca.csr`)."""

    profile: ProfileName
    subscriber: str
    subject: Subject
    public_key: EndEntityPublicKey


@dataclass(frozen=True)
class RequestedOrder:
    """One certificate that is wanted for the key of a PKCS#10 request (RFC 2986).

    The request is read, and the proof in it verified, when its batch is built.
    """

    profile: ProfileName
    subscriber: str
    subject: Subject
    unverified_csr: bytes


AnyOrder = Order | RequestedOrder


# A key, and its SPKI in DER when that is at hand.
_Key = tuple[EndEntityPublicKey, bytes | None]


class _Draft(NamedTuple):
    order: AnyOrder
    wanted: Wanted
    drafted: Drafted


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
        self, database: Database, orders: Iterable[AnyOrder], by: Actor
    ) -> Iterator[x509.Certificate]:
        """Yield the certificate of each order in their order, after its batch is stored.

        Opens its own transactions and must not be called inside one. Raises what
        `Issuance.prepare` raises and `CsrRefused`, for an order of a batch that is
        refused (of several the one whose step comes first): then nothing of its
        batch was kept or signed, and the batches before it stand. Does not check
        that the subscribers may have a certificate, nor of an `Order` that its
        subscriber holds the key.
        """
        remaining = iter(orders)
        while batch := list(islice(remaining, BATCH)):
            yield from self._issue(database, batch, by)

    def _issue(
        self, database: Database, orders: Sequence[AnyOrder], by: Actor
    ) -> list[x509.Certificate]:
        # 1. reserve, here, so that numbers go with orders whoever is faster
        issuer = self._authorities.issuing.name
        reserved = [self._reserve(order, issuer) for order in orders]

        # 2. build and 3. lint, each for all: code that has just run runs fastest
        keys = [_accepted_key(order) for order in orders]
        contents = [
            self._drafting.build(wanted, order.subject, *key)
            for wanted, order, key in zip(reserved, orders, keys, strict=True)
        ]
        drafts = [
            _Draft(order, wanted, self._lint(content, wanted))
            for order, wanted, content in zip(orders, reserved, contents, strict=True)
        ]

        # 4. intend
        with database.writing() as session:
            self._intend(session, drafts, by)

        # 5. sign and 6. compare
        signer = self._authorities.issuers[drafts[0].wanted.issuer].signer
        certificates = [signer.sign_certificate(draft.drafted.linted) for draft in drafts]

        # 7. store
        signed = [
            # Octet for octet what was compared (`ca.signing`), and sooner than encoding it.
            assemble_signed(draft.drafted.tbs, signer.public_key, certificate.signature)
            for draft, certificate in zip(drafts, certificates, strict=True)
        ]
        with database.writing() as session:
            self._store(session, drafts, signed, by)

        # 8. hand out
        return certificates

    def _reserve(self, order: AnyOrder, issuer: AuthorityName) -> Wanted:
        if order.profile not in SUBSCRIBER_PROFILES:
            raise ValueError(f"certificates of profile {order.profile} are not issued in bulk")
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

    def _intend(self, session: Session, drafts: Sequence[_Draft], by: Actor) -> None:
        now = self._clock.now()
        self._audit.lock_chain(session)
        verify_keys_are_free(session, _owners(drafts))
        rows = [
            prepared_row(draft.wanted, draft.drafted, draft.order.subscriber, now)
            for draft in drafts
        ]
        insert_prepared(session, rows)
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

    def _store(
        self,
        session: Session,
        drafts: Sequence[_Draft],
        contents: Sequence[bytes],
        by: Actor,
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
            raise _conflict(session, drafts)
        self._audit.record_all(session, entries)


def _accepted_key(order: AnyOrder) -> _Key:
    if isinstance(order, Order):
        return order.public_key, None
    accepted = accept_csr(order.unverified_csr)
    return accepted.public_key, accepted.subject_public_key_info


def _owners(drafts: Sequence[_Draft]) -> dict[str, str | None]:
    """Return the subscriber of each key; raises `KeyOfAnother` when a batch has two for one."""
    owners: dict[str, str | None] = {}
    for draft in drafts:
        digest, subscriber = str(draft.drafted.columns["spki_sha256"]), draft.order.subscriber
        if owners.setdefault(digest, subscriber) != subscriber:
            raise KeyOfAnother
    return owners


def _conflict(session: Session, drafts: Sequence[_Draft]) -> CertificateStateConflict:
    for draft in drafts:
        record = get_record(session, draft.wanted.serial_number)
        if record.state != "good":
            return CertificateStateConflict(record.serial_number, record.state)
    raise AssertionError("every row was changed, and fewer were counted")
