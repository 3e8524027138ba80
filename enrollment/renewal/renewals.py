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

from datetime import timedelta
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from sqlalchemy import select
from sqlalchemy.orm import Session

from ca.errors import CertificateStateConflict
from ca.issuance import Intent
from enrollment.certification import CertificateIssuer, complete_certificate
from enrollment.issuer_chains import IssuerChains
from enrollment.models import CertificateAuthenticator, Renewal, Subscriber, Unit
from enrollment.pickup.picked_up import PickedUpCertificate
from enrollment.public_keys import digest_of_key
from enrollment.renewal.eligibility import Eligibility
from enrollment.renewal.records import Way, find_open_renewal
from enrollment.renewal.successors import Successors
from enrollment.subscribers.certificate_subject import certificate_subject
from enrollment.subscribers.finding import lock_owner, subject_of
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database, insert_or_conflict
from foundation.errors import Conflict
from policies.principal import Kind


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
        with self._database.writing() as session:
            self._audit.lock_chain(session)
            # 1. verify
            subscriber = self._eligibility.verify(session, serial_number)
            renewal = find_open_renewal(session, subscriber.id)
            if renewal is not None and renewal.key_digest != digest:
                raise Conflict("renewal-pending")
            # 2. reserve
            intent = None
            if renewal is None:
                renewal = self._start(session, subscriber, serial_number, digest, way, by)
                intent = self._prepare(session, subscriber, renewal, public_key, by)
            successor, username = renewal.new_serial_number, subscriber.username
        # 3. complete
        certificate = self._complete(successor, by, intent)
        # 4. hand out
        return PickedUpCertificate(certificate, self._chains.above(certificate), username)

    def discard(self, serial_number: str, by: Actor) -> None:
        """End the pending successor of the certificate's owner, so that another can be made.

        Raises `Conflict` ("renewal-ended") when there is none.
        """
        with self._database.writing() as session:
            self._audit.lock_chain(session)
            subscriber = lock_owner(session, serial_number)
            if subscriber is None or not self._successors.end(session, subscriber, "discarded", by):
                raise Conflict("renewal-ended")

    def _start(
        self,
        session: Session,
        subscriber: Subscriber,
        serial_number: str,
        digest: str,
        way: Way,
        by: Actor,
    ) -> Renewal:
        now = self._clock.now()
        successor = self._issuance.reserve_serial(
            session, profile=cast(Kind, subscriber.kind), subscriber=subscriber.username, by=by
        )
        renewal = Renewal(
            subscriber_id=subscriber.id,
            old_serial_number=serial_number,
            new_serial_number=successor,
            way=way,
            key_digest=digest,
            started_at=now,
            expires_at=now + self._unused_for,
        )
        authenticator = CertificateAuthenticator(
            subscriber_id=subscriber.id, serial_number=successor, created_at=now, pending=True
        )
        # The subscriber is locked; the tables would refuse a second one all the same.
        for row in (renewal, authenticator):
            insert_or_conflict(session, row, Conflict("renewal-pending"))
        self._audit.record(
            session,
            "renewal.started",
            by=by,
            subject=subject_of(subscriber),
            old_serial_number=serial_number,
            new_serial_number=successor,
            way=way,
        )
        return renewal

    def _prepare(
        self,
        session: Session,
        subscriber: Subscriber,
        renewal: Renewal,
        public_key: PublicKeyTypes,
        by: Actor,
    ) -> Intent:
        credit_code = session.scalar(
            select(Unit.credit_code).where(Unit.subscriber_id == subscriber.id)
        )
        return self._issuance.prepare(
            session,
            renewal.new_serial_number,
            subject=certificate_subject(subscriber.username, subscriber.display_name, credit_code),
            public_key=public_key,
            by=by,
        )

    def _complete(self, successor: str, by: Actor, intent: Intent | None) -> x509.Certificate:
        try:
            return complete_certificate(
                self._issuance, self._database, successor, by, intent=intent
            )
        except CertificateStateConflict as conflict:
            # Revoked, suspended or reissued while this renewal was under way.
            raise Conflict("renewal-ended") from conflict
