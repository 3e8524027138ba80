"""The one key of a slip: the server's, sealed, or one that the subscriber made.

Whichever comes first stays: the certificate of a slip is made once. Both ways
are one conditional update together with the preparation of the certificate, so
that of two pickups at the same moment one stores its key and the other finds it.
"""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from sqlalchemy import Update, select, update

from ca.keys.algorithms import EndEntityKeyAlgorithm, generate_key
from enrollment.certification import CertificateIssuer
from enrollment.conditional_updates import changed_one
from enrollment.models import Slip
from enrollment.pickup.sealed_keys import seal_private_key
from enrollment.pickup.verification import VerifiedPair
from enrollment.public_keys import digest_of_key
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Conflict


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

    def make(self, pair: VerifiedPair, by: Actor) -> bytes:
        """Return the slip's sealed key, made now or by an earlier pickup.

        Raises `Conflict` ("pickup-own-key") when the certificate was made for a
        key that only the subscriber has, and `SlipEndedMeanwhile`.
        """
        sealed, own_digest = self._find(pair.slip.slip_id)
        if sealed is None and own_digest is None:
            private_key = generate_key(self._key_algorithm)
            fresh = seal_private_key(private_key, pair.download_password)
            if self._store(pair, private_key.public_key(), by, sealed_private_key=fresh):
                return fresh
            sealed, own_digest = self._find(pair.slip.slip_id)
        if sealed is not None:
            return sealed
        if own_digest is not None:
            raise Conflict("pickup-own-key")
        raise SlipEndedMeanwhile

    def accept(self, pair: VerifiedPair, public_key: PublicKeyTypes, by: Actor) -> None:
        """Let the slip's certificate be for this key of the subscriber's own.

        Raises `Conflict` ("pickup-other-key" when it was made for another own
        key, "pickup-server-key" when the server made one), `PublicKeyRefused`
        and `SlipEndedMeanwhile`. Does not check that the subscriber has the
        private key: `ca.csr` has.
        """
        digest = digest_of_key(public_key)
        if self._store(pair, public_key, by, own_key_digest=digest):
            return
        sealed, own_digest = self._find(pair.slip.slip_id)
        if own_digest == digest:
            return
        if own_digest is not None:
            raise Conflict("pickup-other-key")
        if sealed is not None:
            raise Conflict("pickup-server-key")
        raise SlipEndedMeanwhile

    def _store(
        self, pair: VerifiedPair, public_key: PublicKeyTypes, by: Actor, **key: bytes | str
    ) -> bool:
        slip = pair.slip
        with self._database.writing() as session:
            self._audit.lock_chain(session)
            statement = standing_slip(slip.slip_id, self._clock.now()).where(
                Slip.sealed_private_key.is_(None), Slip.own_key_digest.is_(None)
            )
            if not changed_one(session, statement.values(**key)):
                return False
            self._issuance.prepare(
                session,
                slip.serial_number,
                subject=slip.certificate_subject,
                public_key=public_key,
                by=by,
            )
        return True

    def _find(self, slip_id: int) -> tuple[bytes | None, str | None]:
        query = select(Slip.sealed_private_key, Slip.own_key_digest).where(Slip.id == slip_id)
        with self._database.reading() as session:
            row = session.execute(query).one()
        return row.sealed_private_key, row.own_key_digest


def standing_slip(slip_id: int, now: datetime) -> Update:
    """Return the update of a slip that touches it only while it is good."""
    return update(Slip).where(Slip.id == slip_id, Slip.ended_at.is_(None), Slip.expires_at > now)
