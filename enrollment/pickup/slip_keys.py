"""The one key of a slip: the server's, sealed, or one that the subscriber made.

Whichever comes first stays: the certificate of a slip is made once. Both ways
are one conditional update together with the preparation of the certificate, so
that of two pickups at the same moment one stores its key and the other finds it.
"""

from collections.abc import Mapping
from typing import Final, cast

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from ca.issuance import Intent
from ca.keys.algorithms import EndEntityKeyAlgorithm, generate_key
from enrollment.certification import CertificateIssuer
from enrollment.models import Slip
from enrollment.pickup.sealed_keys import seal_private_key
from enrollment.pickup.verification import VerifiedPair
from enrollment.public_keys import digest_of_key
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database, Statement
from foundation.errors import Conflict

SLIPS: Final = cast(Table, Slip.__table__)
# The update of a slip that touches it only while it is good; of `slip` at `moment`.
STANDING: Final = update(SLIPS).where(
    SLIPS.c.id == bindparam("slip"),
    SLIPS.c.ended_at.is_(None),
    SLIPS.c.expires_at > bindparam("moment"),
)
_UNTAKEN: Final = STANDING.where(
    SLIPS.c.sealed_private_key.is_(None), SLIPS.c.own_key_digest.is_(None)
)
_SEAL: Final = Statement(_UNTAKEN, "sealed_private_key")
_TAKE: Final = Statement(_UNTAKEN, "own_key_digest")


class SlipEndedMeanwhile(Exception):
    """The slip ended while its key was being made; the caller refuses the pickup."""


class SlipKeys:
    """Decides on the key of a slip and prepares the certificate. Opens its own transactions."""

    def __init__(
        self,
        *,
        database: Database,
        issuance: CertificateIssuer,
        key_algorithm: EndEntityKeyAlgorithm,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._issuance = issuance
        self._key_algorithm = key_algorithm
        self._audit = audit
        self._clock = clock

    def make(self, pair: VerifiedPair, by: Actor) -> tuple[bytes, Intent | None]:
        """Return the slip's sealed key, made now or by an earlier pickup.

        With it, when it was now, the content that is prepared for it.

        Raises `Conflict` ("pickup-own-key") when the certificate was made for a
        key that only the subscriber has, and `SlipEndedMeanwhile`.
        """
        sealed, own_digest = self._find(pair.slip.slip_id)
        if sealed is None and own_digest is None:
            private_key = generate_key(self._key_algorithm)
            fresh = seal_private_key(private_key, pair.download_password)
            key = {"sealed_private_key": fresh}
            intent = self._store(pair, private_key.public_key(), by, _SEAL, key)
            if intent is not None:
                return fresh, intent
            sealed, own_digest = self._find(pair.slip.slip_id)
        if sealed is not None:
            return sealed, None
        if own_digest is not None:
            raise Conflict("pickup-own-key")
        raise SlipEndedMeanwhile

    def accept(
        self, pair: VerifiedPair, public_key: PublicKeyTypes, by: Actor
    ) -> tuple[None, Intent | None]:
        """Let the slip's certificate be for this key of the subscriber's own.

        Returns the content that is prepared for it, when that was now.

        Raises `Conflict` ("pickup-other-key" when it was made for another own
        key, "pickup-server-key" when the server made one), `PublicKeyRefused`
        and `SlipEndedMeanwhile`. Does not check that the subscriber has the
        private key: `ca.csr` has.
        """
        digest = digest_of_key(public_key)
        intent = self._store(pair, public_key, by, _TAKE, {"own_key_digest": digest})
        if intent is not None:
            return None, intent
        sealed, own_digest = self._find(pair.slip.slip_id)
        if own_digest == digest:
            return None, None
        if own_digest is not None:
            raise Conflict("pickup-other-key")
        if sealed is not None:
            raise Conflict("pickup-server-key")
        raise SlipEndedMeanwhile

    def _store(
        self,
        pair: VerifiedPair,
        public_key: PublicKeyTypes,
        by: Actor,
        take: Statement,
        key: Mapping[str, object],
    ) -> Intent | None:
        slip = pair.slip

        def store(session: Session) -> Intent | None:
            self._audit.lock_chain(session)
            pair.charge.forgive(session)
            if not take.change(session, slip=slip.slip_id, moment=self._clock.now(), **key):
                return None
            return self._issuance.prepare(
                session,
                slip.serial_number,
                subject=slip.certificate_subject,
                public_key=public_key,
                by=by,
            )

        return self._database.write_together(store)

    def _find(self, slip_id: int) -> tuple[bytes | None, str | None]:
        query = select(Slip.sealed_private_key, Slip.own_key_digest).where(Slip.id == slip_id)
        with self._database.reading() as session:
            row = session.execute(query).one()
        return row.sealed_private_key, row.own_key_digest
