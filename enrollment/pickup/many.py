"""The certificates of many open slips at once, each for a key that its subscriber made.

For those who come from another CA with keys of their own: they are registered
(ENR-09, PER-03) and so have a username and an initial password, and their slip's
certificate is made here for their key instead of being picked up. Everything
else is as if they had picked it up with that key (`enrollment.pickup.slip_keys`):
the number is the slip's, the slip ends with the first login, and that login
leads to the password reset (LOGIN-03). A slip yields one key, so a run that was
cut off is repeated without issuing anything twice.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Final, Protocol, cast

from cryptography import x509
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from ca.issuance import AnyOrder, Order, Reserved, Together
from ca.issuance.known_keys import verify_keys_are_free
from ca.key_types import EndEntityPublicKey
from ca.models import CertificateRecord
from ca.proofs import VERIFYING_HERE, Verifier
from enrollment.certification import CertificateIssuer, complete_certificate
from enrollment.models import Slip, Unit
from enrollment.pickup.wanted import Stage, WantedPickup, WantedSlips
from enrollment.public_keys import digest_of_key
from enrollment.subscribers.certificate_subject import certificate_subject
from enrollment.subscribers.finding import find_subscriber
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Conflict, Denied, NotFound

_NEWEST_OF: Final = (
    select(func.max(Slip.id)).where(Slip.subscriber_id == bindparam("owner")).scalar_subquery()
)
_NEWEST: Final = (
    select(
        Slip.id,
        Slip.serial_number,
        Slip.own_key_digest,
        Slip.ended_at,
        Slip.expires_at,
        Slip.sealed_private_key.is_not(None).label("has_server_key"),
        Unit.credit_code,
        CertificateRecord.profile,
        CertificateRecord.issuer,
        CertificateRecord.crl_shard,
        CertificateRecord.subscriber,
        CertificateRecord.state,
    )
    .join(CertificateRecord, CertificateRecord.serial_number == Slip.serial_number)
    .outerjoin(Unit, Unit.subscriber_id == Slip.subscriber_id)
    .where(Slip.id == _NEWEST_OF)
)


class BulkIssuer(CertificateIssuer, Protocol):
    """A `CertificateIssuer` that issues in batches too."""

    def issue_all(
        self,
        database: Database,
        orders: Iterable[AnyOrder],
        by: Actor,
        *,
        verifier: Verifier,
        together: Together,
    ) -> Generator[x509.Certificate]:
        """Yield the certificate of each order."""
        ...


class ManyPickups:
    """Judges and makes them. `make` opens its own transactions."""

    def __init__(
        self, *, database: Database, issuance: BulkIssuer, audit: AuditLog, clock: Clock
    ) -> None:
        self._database = database
        self._issuance = issuance
        self._audit = audit
        self._clock = clock

    def judge(
        self, session: Session, unverified_username: str, public_key: EndEntityPublicKey
    ) -> WantedPickup:
        """Return what this key would get.

        Raises `NotFound` ("subscriber-not-found"), `Denied` ("account-suspended"),
        `Conflict` ("slip-not-open", "pickup-server-key", "pickup-other-key"),
        `KeyCompromised` and `KeyOfAnother`. Does not check that the subscriber
        has the private key: `ca.csr` has.
        """
        subscriber = find_subscriber(session, unverified_username)
        if subscriber is None:
            raise NotFound("subscriber-not-found")
        if subscriber.standing != "active":
            raise Denied("account-suspended")
        slip = session.connection().execute(_NEWEST, {"owner": subscriber.id}).one_or_none()
        digest = digest_of_key(public_key)
        if slip is None or slip.state not in ("reserved", "prepared", "good"):
            raise Conflict("slip-not-open")
        stage: Stage = "wanted"
        if slip.own_key_digest == digest:
            # Used by the first login since, perhaps: it is the same certificate.
            stage = "issued" if slip.state == "good" else "unfinished"
        elif slip.ended_at is not None or slip.expires_at <= self._clock.now():
            raise Conflict("slip-not-open")
        elif slip.has_server_key:
            raise Conflict("pickup-server-key")
        elif slip.own_key_digest is not None:
            raise Conflict("pickup-other-key")
        verify_keys_are_free(session, {digest: subscriber.username})
        reserved = Reserved(
            slip.serial_number, slip.profile, slip.issuer, slip.crl_shard, slip.subscriber
        )
        return WantedPickup(
            subscriber.username,
            subscriber.kind,
            stage,
            slip.id,
            digest,
            Order(
                slip.profile,
                subscriber.username,
                certificate_subject(subscriber.username, subscriber.display_name, slip.credit_code),
                public_key,
                reserved,
            ),
        )

    def make(
        self, wanted: Sequence[WantedPickup], by: Actor, *, verifier: Verifier = VERIFYING_HERE
    ) -> Iterator[tuple[WantedPickup, x509.Certificate]]:
        """Yield each with its certificate, once that is stored.

        Those issued before come first, then those a crash left unfinished. Each
        subscriber stands in `wanted` once. Raises `Conflict` ("slip-not-open")
        and what `issue_all` raises when something has changed since it was
        judged: what was yielded stands, and the rest is judged anew. `verifier`
        verifies the new signatures.
        """
        for each in wanted:
            if each.stage == "wanted":
                continue
            yield each, self._finish(each, by)
        # The issuing CA may have changed since a slip was printed: a batch has one.
        by_issuer: dict[str, list[WantedPickup]] = {}
        for each in wanted:
            if each.stage == "wanted":
                by_issuer.setdefault(_issuer_of(each), []).append(each)
        for group in by_issuer.values():
            slips = WantedSlips(
                {each.username: each for each in group}, self._audit, self._clock, by
            )
            certificates = self._issuance.issue_all(
                self._database,
                [each.order for each in group],
                by,
                verifier=verifier,
                together=slips,
            )
            yield from zip(group, certificates, strict=True)

    def _finish(self, each: WantedPickup, by: Actor) -> x509.Certificate:
        slips = WantedSlips({each.username: each}, self._audit, self._clock, by)

        def count(session: Session) -> None:
            slips.with_certificates(session, [each.order])

        together: Callable[[Session], None] | None = count if each.stage == "unfinished" else None
        return complete_certificate(
            self._issuance, self._database, each.serial_number, by, together=together
        )


def _issuer_of(each: WantedPickup) -> str:
    return cast(Reserved, each.order.reserved).issuer
