"""New keys in time, and the end of old ones."""

import json
from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import delete
from sqlalchemy.orm import Session

from ca.keys import generate_key
from foundation.audit import Actor, AuditLog
from foundation.base64url import base64url
from foundation.clock import Clock
from foundation.database import Database
from foundation.randomness import Randomness
from gateway.signing_keys.keys import SigningKeys
from gateway.signing_keys.models import SigningKeyRecord
from gateway.signing_keys.purposes import KeyPurpose
from gateway.signing_keys.records import over, records_of

_KID_OCTETS = 12
_SECRET_OCTETS = 32


class KeyRotation:
    """Keeps each purpose supplied with keys; any number of nodes may do it at once."""

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        clock: Clock,
        randomness: Randomness,
        keys: SigningKeys,
        purposes: Sequence[KeyPurpose],
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._randomness = randomness
        self._keys = keys
        self._purposes = tuple(purposes)

    def rotate_due(self) -> None:
        """Make the keys that are due and destroy those that are over; opens a transaction.

        A job calls it every few minutes and every process once at its start. A key
        that nobody replaces in time goes on signing. Raises `Unavailable`,
        `KeyUnavailable`.
        """
        with self._database.reading() as session:
            if not any(self._is_due(records_of(session, one), one) for one in self._purposes):
                return
        with self._database.writing() as session:
            # Writers queue here, so that two nodes do not make two keys.
            self._audit.lock_chain(session)
            for purpose in self._purposes:
                self._rotate(session, purpose)

    def replace_now(self, by: Actor) -> None:
        """Make new keys that sign from now on, and believe no old one: after a loss.

        Every token out there is refused as soon as edges hear of it. Does not
        open the old keys, so it also helps when the sealing key is lost.
        """
        with self._database.writing() as session:
            self._audit.lock_chain(session)
            for purpose in self._purposes:
                records = records_of(session, purpose)
                self._make(session, purpose, records, self._clock.now(), by)
                self._destroy(session, [record.kid for record in records], by)

    def _rotate(self, session: Session, purpose: KeyPurpose) -> None:
        records, by = records_of(session, purpose), Actor.system()
        if self._wants_next(records, purpose):
            self._make(session, purpose, records, self._signs_from(records, purpose), by)
        self._destroy(session, sorted(over(records, purpose, self._clock.now())), by)

    def _is_due(self, records: Sequence[SigningKeyRecord], purpose: KeyPurpose) -> bool:
        return self._wants_next(records, purpose) or bool(over(records, purpose, self._clock.now()))

    def _wants_next(self, records: Sequence[SigningKeyRecord], purpose: KeyPurpose) -> bool:
        if not records:
            return True
        end = records[-1].signs_from + purpose.signs_for
        return self._clock.now() >= end - purpose.announced

    def _signs_from(self, records: Sequence[SigningKeyRecord], purpose: KeyPurpose) -> datetime:
        now = self._clock.now()
        if not records:
            return now  # nobody has been told of any, and nobody waits
        return max(now + purpose.announced, records[-1].signs_from + purpose.signs_for)

    def _make(
        self,
        session: Session,
        purpose: KeyPurpose,
        records: Sequence[SigningKeyRecord],
        signs_from: datetime,
        by: Actor,
    ) -> None:
        kid = self._randomness.token(_KID_OCTETS).hex()
        secret, public_jwk = self._draw(purpose, kid)
        record = SigningKeyRecord(
            kid=kid,
            purpose=purpose.name,
            generation=records[-1].generation + 1 if records else 1,
            algorithm=purpose.algorithm,
            public_jwk=public_jwk,
            created_at=self._clock.now(),
            signs_from=signs_from,
        )
        record.sealed = self._keys.seal(secret, record)
        session.add(record)
        session.flush()
        self._record(session, "signing_key.made", kid, by, purpose=purpose.name)

    def _draw(self, purpose: KeyPurpose, kid: str) -> tuple[str, str | None]:
        """Return the secret of a new key and its public JWK."""
        if purpose.algorithm == "HS256":
            return base64url(self._randomness.token(_SECRET_OCTETS)), None
        is_rsa = purpose.algorithm == "RS256"
        private = generate_key("rsa-3072" if is_rsa else "ecdsa-p256")
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        public = (RSAKey if is_rsa else ECKey).import_key(pem).as_dict(private=False)
        return pem, json.dumps({**public, "kid": kid, "use": "sig", "alg": purpose.algorithm})

    def _destroy(self, session: Session, kids: Sequence[str], by: Actor) -> None:
        if not kids:
            return
        session.execute(delete(SigningKeyRecord).where(SigningKeyRecord.kid.in_(kids)))
        for kid in kids:
            self._record(session, "signing_key.destroyed", kid, by)

    def _record(self, session: Session, action: str, kid: str, by: Actor, **facts: str) -> None:
        subject = f"signing-key:{kid}"
        self._audit.record(session, action, by=by, subject=subject, outcome="done", **facts)
