"""The certificate of a slip, made once, and the record that it was handed out."""

from collections.abc import Callable
from typing import Final, NoReturn, TypeVar

from cryptography import x509
from sqlalchemy import bindparam
from sqlalchemy.orm import Session

from ca.errors import CertificateStateConflict
from ca.issuance import Intent
from enrollment.certification import CertificateIssuer, complete_certificate
from enrollment.pickup.slip_keys import SLIPS, STANDING, SlipEndedMeanwhile
from enrollment.pickup.verification import PickupVerifier, VerifiedPair
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database, Statement

K = TypeVar("K")

_COUNT: Final = Statement(
    STANDING.values(
        pickup_count=SLIPS.c.pickup_count + 1, last_pickup_at=bindparam("last_pickup_at")
    )
)


class SlipCertificates:
    """Steps 2 to 4 and 6 of a pickup (`enrollment.pickup.redemption`). Opens its own transactions.

    What the slip does not allow any more is refused as a wrong pair is.
    """

    def __init__(
        self,
        *,
        database: Database,
        verifier: PickupVerifier,
        issuance: CertificateIssuer,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._verifier = verifier
        self._issuance = issuance
        self._audit = audit
        self._clock = clock

    def make(
        self,
        pair: VerifiedPair,
        settle_key: Callable[[VerifiedPair, Actor], tuple[K, Intent | None]],
        by: Actor,
        *,
        counted_as: str | None = None,
    ) -> tuple[K, x509.Certificate]:
        """Return what `settle_key` settled, and the certificate.

        With `counted_as` the pickup is recorded with the storing of the
        certificate; without, the caller has something to build first and calls
        `count` when he has. Raises `Denied`, `CertificatePending` and what
        `settle_key` raises.
        """
        slip = pair.slip
        if (end_reason := slip.end_at(self._clock.now())) is not None:
            self._verifier.refuse(slip, end_reason, by)

        # 6. record, when there is nothing to build
        def count(session: Session) -> None:
            if counted_as is not None and not self._counted(session, pair, counted_as, by):
                raise SlipEndedMeanwhile

        try:
            # 2. key and 3. prepare
            settled, intent = settle_key(pair, by)
            # 4. complete
            certificate = complete_certificate(
                self._issuance,
                self._database,
                slip.serial_number,
                by,
                intent=intent,
                together=None if counted_as is None else count,
            )
        except SlipEndedMeanwhile:
            self._refuse(pair, "ended-meanwhile", by)
        except CertificateStateConflict as conflict:
            # Revoked, held or abandoned while this pickup was under way.
            self._refuse(pair, f"certificate-{conflict.state}", by)
        return settled, certificate

    def count(self, pair: VerifiedPair, form: str, by: Actor) -> None:
        """Record a pickup in this form; raises `Denied` when the slip has ended meanwhile."""
        with self._database.writing() as session:
            counted = self._counted(session, pair, form, by)
        if not counted:
            self._refuse(pair, "ended-meanwhile", by)

    def _counted(self, session: Session, pair: VerifiedPair, form: str, by: Actor) -> bool:
        """Record a pickup, as long as the slip still stands; return whether it did."""
        now = self._clock.now()
        self._audit.lock_chain(session)
        pair.charge.forgive(session)
        counted = (
            _COUNT.change(session, slip=pair.slip.slip_id, moment=now, last_pickup_at=now) == 1
        )
        if counted:
            self._audit.record(
                session,
                "pickup.redeemed",
                by=by,
                subject=pair.slip.audit_subject,
                serial_number=pair.slip.serial_number,
                form=form,
            )
        return counted

    def _refuse(self, pair: VerifiedPair, reason: str, by: Actor) -> NoReturn:
        self._verifier.refuse(pair.slip, reason, by)
