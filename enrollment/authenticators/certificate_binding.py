"""Binding a certificate to its subscriber at the first login (AMB-03, AMB-04).

A certificate from a slip uses up its slip; the successor of another one takes
that one's place (`enrollment.renewal.supersession`).
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from enrollment.authenticators.password_verification import VerifiedPassword
from enrollment.conditional_updates import changed_one
from enrollment.models import CertificateAuthenticator, PasswordAuthenticator, Slip
from enrollment.renewal.successors import Successors
from enrollment.renewal.supersession import Supersession
from enrollment.slips.endings import end_certificate, end_slip
from enrollment.subscribers.finding import get_subscriber, lock_owner, subject_of
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.errors import Denied


class CertificateBinding:
    """Binds certificates and ends them when they are revoked."""

    def __init__(
        self,
        *,
        supersession: Supersession,
        successors: Successors,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        self._supersession = supersession
        self._successors = successors
        self._audit = audit
        self._clock = clock

    def bind(
        self, session: Session, verified: VerifiedPassword, serial_number: str, by: Actor
    ) -> None:
        """Let the subscriber in with this certificate, in the transaction of the new session.

        1. the subscriber is still active
        2. the password that was proved is still the current one
        3. the certificate is the subscriber's current one, or its successor
        4. at the first login only: it is bound, and the slip is used up, or the
           certificate before it superseded; the server's copy of the private
           key is erased

        Raises `Denied` ("account-suspended", "credentials-wrong",
        "certificate-mismatch", "renewal-blocked"). Does not verify the certificate: that is
        `ca.verification`, before.
        """
        now = self._clock.now()
        self._audit.lock_chain(session)
        # 1. A suspension or reissue at the same moment waits for this lock.
        subscriber = get_subscriber(session, verified.username, lock=True)
        if subscriber.standing != "active":
            raise Denied("account-suspended")
        # 2.
        if not _is_current_password(session, verified):
            raise Denied("credentials-wrong")
        # 3.
        authenticator = _find_current(session, verified.subscriber_id, serial_number)
        if authenticator is None:
            raise Denied("certificate-mismatch")
        # 4.
        if authenticator.pending:
            self._supersession.supersede(session, subscriber, serial_number, by)
            self._record_bound(session, verified, serial_number, by)
        elif authenticator.bound_at is None:
            self._bind_first(session, verified, authenticator, now, by)

    def revoked(self, session: Session, serial_number: str, by: Actor) -> None:
        """Follow a revocation: the certificate, its slip and its sealed key are over.

        With it goes the successor that was to take its place: whoever could use
        the old key could have asked for it. Repeating it does nothing.
        """
        now = self._clock.now()
        self._audit.lock_chain(session)
        subscriber = lock_owner(session, serial_number)
        if subscriber is None:
            return
        slip_id = session.scalar(select(Slip.id).where(Slip.serial_number == serial_number))
        slip_ended = slip_id is not None and end_slip(session, slip_id, "revoked", now)
        if end_certificate(session, serial_number, now) or slip_ended:
            self._audit.record(
                session,
                "authenticator.ended",
                by=by,
                subject=subject_of(subscriber),
                serial_number=serial_number,
                reason="revoked",
            )
        self._successors.follow_revocation(session, subscriber, serial_number, by)

    def _bind_first(
        self,
        session: Session,
        verified: VerifiedPassword,
        authenticator: CertificateAuthenticator,
        now: datetime,
        by: Actor,
    ) -> None:
        serial_number = authenticator.serial_number
        statement = (
            update(CertificateAuthenticator)
            .where(CertificateAuthenticator.id == authenticator.id)
            .where(CertificateAuthenticator.bound_at.is_(None))
            .values(bound_at=now)
        )
        if not changed_one(session, statement):
            return
        slip_id = session.scalar(select(Slip.id).where(Slip.serial_number == serial_number))
        if slip_id is not None:
            end_slip(session, slip_id, "used", now)
        self._record_bound(session, verified, serial_number, by)

    def _record_bound(
        self, session: Session, verified: VerifiedPassword, serial_number: str, by: Actor
    ) -> None:
        self._audit.record(
            session,
            "certificate.bound",
            by=by,
            subject=f"{verified.kind}:{verified.username}",
            serial_number=serial_number,
        )


def _is_current_password(session: Session, verified: VerifiedPassword) -> bool:
    statement = select(PasswordAuthenticator.id).where(
        PasswordAuthenticator.id == verified.authenticator_id,
        PasswordAuthenticator.ended_at.is_(None),
    )
    return session.scalar(statement) is not None


def _find_current(
    session: Session, subscriber_id: int, serial_number: str
) -> CertificateAuthenticator | None:
    statement = (
        select(CertificateAuthenticator)
        .where(CertificateAuthenticator.serial_number == serial_number)
        .where(CertificateAuthenticator.subscriber_id == subscriber_id)
        .where(CertificateAuthenticator.ended_at.is_(None))
        .execution_options(populate_existing=True)
    )
    return session.scalars(statement).one_or_none()
