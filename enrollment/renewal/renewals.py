"""Renewing: a second certificate for the same subscriber, good until one of them goes.

1. verify    who asks, and that it is time (`enrollment.renewal.eligibility`)
2. reserve   a serial number and prepare the certificate, with the successor
             and its renewal in the same transaction
3. complete  sign and store, safe to repeat
4. hand out  the certificate, or a file with the key the server made

There is one pending successor at a time. Whoever asks again with the same key
is given the same certificate, so a lost answer costs nothing; another key is
refused until the first successor was used, discarded or has expired.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from sqlalchemy import Table, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ca.errors import CertificateStateConflict
from ca.issuance import Intent
from enrollment.certification import CertificateIssuer, complete_certificate
from enrollment.issuer_chains import IssuerChains
from enrollment.models import CertificateAuthenticator, Renewal
from enrollment.pickup.picked_up import PickedUpCertificate
from enrollment.public_keys import digest_of_key
from enrollment.renewal.eligibility import Eligibility, Eligible
from enrollment.renewal.records import Way
from enrollment.renewal.successors import Successors
from enrollment.subscribers.certificate_subject import certificate_subject
from enrollment.subscribers.finding import lock_owner
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database, Statement
from foundation.errors import Conflict

_BEGIN: Final = Statement(
    insert(cast(Table, Renewal.__table__)),
    "subscriber_id",
    "old_serial_number",
    "new_serial_number",
    "way",
    "key_digest",
    "started_at",
    "expires_at",
)
_HOLD: Final = Statement(
    insert(cast(Table, CertificateAuthenticator.__table__)),
    "subscriber_id",
    "serial_number",
    "created_at",
    "pending",
)


@dataclass(frozen=True)
class _Started:
    """The successor of a renewal; with an `intent` when it was prepared just now."""

    successor: str
    username: str
    intent: Intent | None


class Renewals:
    """Makes successors. `renew` and `discard` open their own transactions."""

    def __init__(
        self,
        *,
        database: Database,
        issuance: CertificateIssuer,
        chains: IssuerChains,
        eligibility: Eligibility,
        successors: Successors,
        unused_for: timedelta,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        """`unused_for` is how long a successor waits for its first login."""
        self._database = database
        self._issuance = issuance
        self._chains = chains
        self._eligibility = eligibility
        self._successors = successors
        self._unused_for = unused_for
        self._audit = audit
        self._clock = clock

    def renew(
        self, serial_number: str, public_key: PublicKeyTypes, way: Way, by: Actor
    ) -> PickedUpCertificate:
        """Return the successor of the certificate with this serial number, for this key.

        Raises as `Eligibility.verify`, `Conflict` ("renewal-pending" for
        another key than that of the pending successor, "renewal-ended" when it
        ended in this moment), `PublicKeyRefused` and `CertificatePending`. Does
        not check that the asker has either private key.
        """
        digest = digest_of_key(public_key)

        def start(session: Session) -> _Started:
            self._audit.lock_chain(session)
            # 1. verify
            who = self._eligibility.verify(session, serial_number)
            pending = who.open_renewal
            if pending is None:
                # 2. reserve
                intent = self._prepare(session, who, public_key, by)
                self._start(session, who, serial_number, intent, digest, way, by)
                return _Started(intent.wanted.serial_number, who.username, intent)
            if pending.key_digest != digest:
                raise Conflict("renewal-pending")
            return _Started(pending.new_serial_number, who.username, None)

        started = self._database.write_together(start)
        # 3. complete
        certificate = self._complete(started, by)
        # 4. hand out
        return PickedUpCertificate(certificate, self._chains.above(certificate), started.username)

    def discard(self, serial_number: str, by: Actor) -> None:
        """End the pending successor of the certificate's owner, so that another can be made.

        Raises `Conflict` ("renewal-ended") when there is none.
        """
        with self._database.writing() as session:
            self._audit.lock_chain(session)
            subscriber = lock_owner(session, serial_number)
            if subscriber is None or not self._successors.end(session, subscriber, "discarded", by):
                raise Conflict("renewal-ended")

    def _prepare(
        self, session: Session, who: Eligible, public_key: PublicKeyTypes, by: Actor
    ) -> Intent:
        return self._issuance.prepare_new(
            session,
            profile=who.kind,
            subscriber=who.username,
            subject=certificate_subject(who.username, who.display_name, who.credit_code),
            public_key=public_key,
            by=by,
        )

    def _start(
        self,
        session: Session,
        who: Eligible,
        serial_number: str,
        intent: Intent,
        digest: str,
        way: Way,
        by: Actor,
    ) -> None:
        successor, now = intent.wanted.serial_number, self._clock.now()
        renewal = {
            "subscriber_id": who.subscriber_id,
            "old_serial_number": serial_number,
            "new_serial_number": successor,
            "way": way,
            "key_digest": digest,
            "started_at": now,
            "expires_at": now + self._unused_for,
        }
        authenticator = {
            "subscriber_id": who.subscriber_id,
            "serial_number": successor,
            "created_at": now,
            "pending": True,
        }
        try:
            _BEGIN.change(session, **renewal)
            _HOLD.change(session, **authenticator)
        except IntegrityError as second:
            # The subscriber is locked; the tables would refuse a second one all the same.
            raise Conflict("renewal-pending") from second
        self._audit.record(
            session,
            "renewal.started",
            by=by,
            subject=who.audit_subject,
            old_serial_number=serial_number,
            new_serial_number=successor,
            way=way,
        )

    def _complete(self, started: _Started, by: Actor) -> x509.Certificate:
        try:
            return complete_certificate(
                self._issuance,
                self._database,
                started.successor,
                by,
                intent=started.intent,
            )
        except CertificateStateConflict as conflict:
            # Revoked, suspended or reissued while this renewal was under way.
            raise Conflict("renewal-ended") from conflict
