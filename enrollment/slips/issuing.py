"""Issuing slips: four values on one piece of paper (ENR-09, ENR-10)."""

from typing import cast
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from enrollment.authenticators.password_hashing import PasswordHasher
from enrollment.certification import CertificateIssuer
from enrollment.models import CertificateAuthenticator, PasswordAuthenticator, Slip, Subscriber
from enrollment.pickup.serial_numbers import normalise_serial_number
from enrollment.slips.issued_slip import IssuedSlip
from enrollment.slips.records import SlipView, view_of
from enrollment.slips.secrets import SlipSecret
from enrollment.subscribers.finding import subject_of
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.randomness import Randomness
from policies.credentials import SlipParameters
from policies.principal import Kind

__all__ = ["IssuedSlip", "SlipView", "Slips"]


class Slips:
    """Issues slips and shows what became of them."""

    def __init__(
        self,
        *,
        issuance: CertificateIssuer,
        hasher: PasswordHasher,
        parameters: SlipParameters,
        pickup_url: str,
        root_fingerprint_sha256: str,
        audit: AuditLog,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._issuance = issuance
        self._hasher = hasher
        self._validity = parameters.validity
        self._initial_password = SlipSecret(parameters.alphabet, parameters.initial_password)
        self._download_password = SlipSecret(parameters.alphabet, parameters.download_password)
        self._pickup_url = pickup_url
        self._root_fingerprint = root_fingerprint_sha256
        self._audit = audit
        self._clock = clock
        self._randomness = randomness

    def issue(self, session: Session, subscriber: Subscriber, by: Actor) -> IssuedSlip:
        """Return a new slip for a subscriber who has no current one.

        The serial number is reserved now and is the one of the certificate that
        the pickup yields. The database refuses a second current slip; ending
        the old one is `enrollment.slips.reissue`'s part.
        """
        now = self._clock.now()
        expires_at = now + self._validity
        initial_password = self._initial_password.draw(self._randomness)
        download_password = self._download_password.draw(self._randomness)
        serial_number = self._issuance.reserve_serial(
            session, profile=cast(Kind, subscriber.kind), subscriber=subscriber.username, by=by
        )
        session.add_all(
            [
                PasswordAuthenticator(
                    subscriber_id=subscriber.id,
                    hash=self._hasher.hash(initial_password),
                    must_change=True,
                    created_at=now,
                    expires_at=expires_at,
                ),
                CertificateAuthenticator(
                    subscriber_id=subscriber.id, serial_number=serial_number, created_at=now
                ),
                Slip(
                    subscriber_id=subscriber.id,
                    serial_number=serial_number,
                    download_password_hash=self._hasher.hash(download_password),
                    issued_at=now,
                    expires_at=expires_at,
                ),
            ]
        )
        session.flush()
        self._audit.record(
            session,
            "slip.issued",
            by=by,
            subject=subject_of(subscriber),
            serial_number=serial_number,
            expires_at=expires_at.isoformat(),
        )
        return IssuedSlip(
            username=subscriber.username,
            initial_password=initial_password,
            serial_number=serial_number,
            download_password=download_password,
            pickup_url=f"{self._pickup_url}?{urlencode({'serial_number': serial_number})}",
            root_fingerprint_sha256=self._root_fingerprint,
            expires_at=expires_at,
            issued_at=now,
            display_name=subscriber.display_name,
            kind=cast(Kind, subscriber.kind),
        )

    def find(self, session: Session, unverified_serial_number: str) -> SlipView | None:
        """Return what may be shown of the slip with this serial number, or None."""
        serial_number = normalise_serial_number(unverified_serial_number)
        query = select(Slip).where(Slip.serial_number == serial_number)
        slip = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
        return view_of(slip, self._clock.now()) if slip else None
