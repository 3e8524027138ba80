"""Pickup: serial number and download password for certificate and key (DL-07 to DL-12).

1. verify    the pair, throttled, at equal cost (`pickup_verification`)
2. key       made and sealed under the download password, once: the first of two
             pickups at the same moment stores its key, the other takes that one
3. prepare   the certificate's content, in the transaction of step 2
4. complete  sign and store, safe to repeat (`ca.issuance`)
5. build     the PKCS#12, in memory
6. record    the pickup, as long as the slip still stands
7. hand out  only now

A crash after 3 leaves a sealed key and a prepared certificate; the next pickup
goes on at 4 with the same key. The same pair yields the same certificate until
the first login or the slip's end (AMB-04).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn

from cryptography import x509
from sqlalchemy import Update, select, update
from sqlalchemy.orm import Session

from ca.errors import CertificateStateConflict
from ca.keys.algorithms import EndEntityKeyAlgorithm, generate_key
from ca.pkcs12 import build_pkcs12
from enrollment.certification import CertificateIssuer
from enrollment.conditional_updates import changed_one
from enrollment.models import Slip
from enrollment.pickup.picked_up import Form, OpenedPickup, PickedUp, accept_form
from enrollment.pickup.sealed_keys import seal_private_key, unseal_private_key
from enrollment.pickup.slips import find_slip_by_id
from enrollment.pickup.tickets import Tickets
from enrollment.pickup.verification import PickupVerifier, VerifiedPair
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Denied

__all__ = ["Form", "OpenedPickup", "PickedUp", "Pickup"]


class Pickup:
    """Hands out certificates. Its methods open their own transactions."""

    def __init__(
        self,
        *,
        database: Database,
        verifier: PickupVerifier,
        tickets: Tickets,
        issuance: CertificateIssuer,
        chain: Sequence[x509.Certificate],
        key_algorithm: EndEntityKeyAlgorithm,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        """Take the `chain` that goes into the PKCS#12: the issuing CA, without the root."""
        self._database = database
        self._verifier = verifier
        self._tickets = tickets
        self._issuance = issuance
        self._chain = tuple(chain)
        self._key_algorithm = key_algorithm
        self._audit = audit
        self._clock = clock

    def redeem(
        self,
        unverified_serial_number: str,
        unverified_download_password: str,
        form: str,
        by: Actor,
    ) -> PickedUp:
        """Return the PKCS#12 for a right pair, the same certificate every time.

        Raises `Denied` ("pickup-refused"), `Throttled` ("pickup-throttled"),
        `Invalid` ("pickup-format-unknown") and `Unavailable`.
        """
        accepted_form = accept_form(form)
        pair = self._verifier.verify(unverified_serial_number, unverified_download_password, by)
        return self._hand_out(pair, accepted_form, by)

    def open(
        self, unverified_serial_number: str, unverified_download_password: str, by: Actor
    ) -> OpenedPickup:
        """Check the pair for the page and return a ticket for it; hands out nothing yet.

        Raises as `redeem` does.
        """
        pair = self._verifier.verify(unverified_serial_number, unverified_download_password, by)
        slip = pair.slip
        with self._database.writing() as session:
            ticket, ends_at = self._tickets.issue(
                session, slip.slip_id, pair.download_password, self._clock.now()
            )
            self._record(session, "pickup.opened", pair, by)
        return OpenedPickup(
            ticket, slip.serial_number, slip.username, slip.display_name, ends_at, slip.expires_at
        )

    def for_ticket(self, unverified_ticket: str) -> OpenedPickup | None:
        """Return what the page of a ticket shows, or None when the ticket is over."""
        found = self._find_pair(unverified_ticket)
        if found is None:
            return None
        pair, ends_at = found
        slip = pair.slip
        if slip.end_at(self._clock.now()) is not None:
            return None
        return OpenedPickup(
            unverified_ticket,
            slip.serial_number,
            slip.username,
            slip.display_name,
            ends_at,
            slip.expires_at,
        )

    def redeem_ticket(self, unverified_ticket: str, form: str, by: Actor) -> PickedUp:
        """Return the PKCS#12 for a ticket.

        Raises `Denied` ("pickup-ticket-ended", and "pickup-refused" when the
        slip ended meanwhile) and `Invalid` ("pickup-format-unknown").
        """
        accepted_form = accept_form(form)
        found = self._find_pair(unverified_ticket)
        if found is None:
            raise Denied("pickup-ticket-ended")
        return self._hand_out(found[0], accepted_form, by)

    def _find_pair(self, unverified_ticket: str) -> tuple[VerifiedPair, datetime] | None:
        with self._database.reading() as session:
            ticket = self._tickets.open(session, unverified_ticket, self._clock.now())
            slip = find_slip_by_id(session, ticket.slip_id) if ticket else None
        if ticket is None or slip is None:
            return None
        return VerifiedPair(slip, ticket.download_password), ticket.expires_at

    def _hand_out(self, pair: VerifiedPair, form: Form, by: Actor) -> PickedUp:
        slip = pair.slip
        if (end_reason := slip.end_at(self._clock.now())) is not None:
            self._verifier.refuse(slip, end_reason, by)
        try:
            # 2. key and 3. prepare
            sealed = self._find_sealed_key(slip.slip_id) or self._make_key(pair, by)
            # 4. complete
            certificate = self._issuance.complete(self._database, slip.serial_number, by)
        except CertificateStateConflict as conflict:
            # Revoked, held or abandoned while this pickup was under way.
            self._refuse_for(pair, f"certificate-{conflict.state}", by)
        # 5. build
        container = build_pkcs12(
            private_key=unseal_private_key(sealed, pair.download_password),
            certificate=certificate,
            chain=self._chain,
            password=pair.download_password,
            friendly_name=f"{slip.display_name} ({slip.username})",
            form=form,
        )
        # 6. record
        self._count(pair, form, by)
        # 7. hand out
        return PickedUp(
            container,
            f"certgate-{slip.username}.p12",
            certificate,
            slip.username,
            slip.display_name,
            form,
        )

    def _make_key(self, pair: VerifiedPair, by: Actor) -> bytes:
        """Seal a new key and prepare its certificate, or return the key of who was faster."""
        slip = pair.slip
        private_key = generate_key(self._key_algorithm)
        sealed = seal_private_key(private_key, pair.download_password)
        with self._database.writing() as session:
            self._audit.lock_chain(session)
            statement = _standing_slip(slip.slip_id, self._clock.now())
            statement = statement.where(Slip.sealed_private_key.is_(None))
            if changed_one(session, statement.values(sealed_private_key=sealed)):
                self._issuance.prepare(
                    session,
                    slip.serial_number,
                    subject=slip.certificate_subject,
                    public_key=private_key.public_key(),
                    by=by,
                )
                return sealed
        earlier = self._find_sealed_key(slip.slip_id)
        if earlier is None:
            self._refuse_for(pair, "ended-meanwhile", by)
        return earlier

    def _find_sealed_key(self, slip_id: int) -> bytes | None:
        with self._database.reading() as session:
            return session.scalar(select(Slip.sealed_private_key).where(Slip.id == slip_id))

    def _count(self, pair: VerifiedPair, form: Form, by: Actor) -> None:
        now = self._clock.now()
        with self._database.writing() as session:
            self._audit.lock_chain(session)
            statement = _standing_slip(pair.slip.slip_id, now).values(
                pickup_count=Slip.pickup_count + 1, last_pickup_at=now
            )
            counted = changed_one(session, statement)
            if counted:
                self._record(session, "pickup.redeemed", pair, by, form)
        if not counted:
            self._refuse_for(pair, "ended-meanwhile", by)

    def _refuse_for(self, pair: VerifiedPair, reason: str, by: Actor) -> NoReturn:
        self._verifier.refuse(pair.slip, reason, by)

    def _record(
        self, session: Session, action: str, pair: VerifiedPair, by: Actor, form: Form | None = None
    ) -> None:
        self._audit.record(
            session,
            action,
            by=by,
            subject=pair.slip.audit_subject,
            serial_number=pair.slip.serial_number,
            form=form,
        )


def _standing_slip(slip_id: int, now: datetime) -> Update:
    return update(Slip).where(Slip.id == slip_id, Slip.ended_at.is_(None), Slip.expires_at > now)
