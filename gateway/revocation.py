"""The one act of revocation: certificate, authenticator, sessions, connections.

`ca.revocation` ends the certificate and publishes the CRL; this act adds, in
the same transaction, everything else that the credential opened, and answers
with a receipt. Open connections are cut after the commit (`on_change`); the
next request on any of them would be refused anyway (`gateway.admission`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy.orm import Session

from ca.revocation import Revocation
from enrollment.authenticators.service import Authenticators
from foundation.audit import Actor
from foundation.database import after_commit
from foundation.observing import NOBODY, Observer
from gateway.edge.registry import EdgeEffect, KnownEdges
from gateway.sessions import Sessions

Act = Literal["revoked", "held", "released"]


@dataclass(frozen=True)
class Receipt:
    """What a revocation did; true when the transaction has committed.

    `edges` says when it took effect at each edge (`confirmed`); none is listed
    where there is no edge, or before they were asked.
    """

    serial_number: str
    act: Act
    username: str | None
    reason: str | None
    effective_at: datetime
    sessions_ended: int
    crl_number: int
    epoch: int
    edges: tuple[EdgeEffect, ...] = ()

    def as_document(self) -> dict[str, object]:
        """Return the JSON form, the time in RFC 3339 UTC."""
        at = self.effective_at.astimezone(UTC).isoformat(timespec="milliseconds")
        return {**asdict(self), "effective_at": at.replace("+00:00", "Z")}


def confirmed(receipt: Receipt, edges: KnownEdges) -> Receipt:
    """Return the receipt with what the edges say, for which it waits a moment.

    Call it when the act's transaction has committed, never inside it.
    """
    return replace(receipt, edges=edges.effects_of(receipt.epoch, receipt.effective_at))


@dataclass(frozen=True)
class BulkReceipt:
    """What a bulk revocation did; `skipped` says by serial number why something was left."""

    revoked: tuple[str, ...]
    skipped: Mapping[str, str]
    sessions_ended: int
    crl_number: int | None


class CredentialRevocation:
    """Ends or suspends a credential with everything that it opened."""

    def __init__(
        self,
        revocation: Revocation,
        authenticators: Authenticators,
        sessions: Sessions,
        on_change: Callable[[], None],
        observer: Observer = NOBODY,
    ) -> None:
        self._revocation = revocation
        self._authenticators = authenticators
        self._sessions = sessions
        self._on_change = on_change
        self._observer = observer

    def revoke(
        self,
        session: Session,
        serial_number: str,
        reason: str,
        by: Actor,
        invalidity_date: datetime | None = None,
    ) -> Receipt:
        """Revoke for good, for an RFC 5280 5.3.1 reason. Raises `Conflict`, `NotFound`, `Invalid`.

        `invalidity_date` (5.3.2) is since when the key is known or suspected to
        be compromised. Does not ask whether `by` may do this: the caller has.
        """
        with self._observer.act("revocation", act="revoke"):
            done = self._revocation.revoke(session, serial_number, reason, by, invalidity_date)
        self._authenticators.certificate_revoked(session, serial_number, by)
        ended = self._sessions.end_all_of_certificate(session, serial_number, "revoked")
        after_commit(session, self._on_change)
        return Receipt(
            done.serial_number, "revoked", done.subscriber, done.reason, done.at, ended,
            done.crl_number, done.epoch,
        )  # fmt: skip

    def revoke_all(
        self,
        session: Session,
        serial_numbers: Sequence[str],
        reason: str,
        by: Actor,
        invalidity_date: datetime | None = None,
    ) -> BulkReceipt:
        """Revoke several for good, with one publication of each CRL that lists them.

        What cannot be revoked is skipped and told with its code. Raises
        `Invalid` for a reason or a date that does not fit any.
        """
        with self._observer.act("revocation", act="revoke_all"):
            bulk = self._revocation.revoke_all(session, serial_numbers, reason, by, invalidity_date)
        ended = 0
        for done in bulk.revoked:
            self._authenticators.certificate_revoked(session, done.serial_number, by)
            ended += self._sessions.end_all_of_certificate(session, done.serial_number, "revoked")
        after_commit(session, self._on_change)
        return BulkReceipt(
            revoked=tuple(done.serial_number for done in bulk.revoked),
            skipped=dict(bulk.skipped),
            sessions_ended=ended,
            crl_number=max((done.crl_number for done in bulk.revoked), default=None),
        )

    def hold(self, session: Session, serial_number: str, by: Actor) -> Receipt:
        """Suspend a certificate (certificateHold); `release` can bring it back."""
        with self._observer.act("revocation", act="hold"):
            done = self._revocation.hold(session, serial_number, by)
        ended = self._sessions.end_all_of_certificate(session, serial_number, "held")
        after_commit(session, self._on_change)
        return Receipt(
            done.serial_number, "held", done.subscriber, done.reason, done.at, ended,
            done.crl_number, done.epoch,
        )  # fmt: skip

    def release(self, session: Session, serial_number: str, by: Actor) -> Receipt:
        """Lift a hold; sessions that it ended stay ended."""
        with self._observer.act("revocation", act="release"):
            done = self._revocation.release(session, serial_number, by)
        after_commit(session, self._on_change)
        return Receipt(
            done.serial_number, "released", done.subscriber, None, done.at, 0, done.crl_number,
            done.epoch,
        )  # fmt: skip
