"""Login: username and password, bound to the certificate of the same subscriber.

The steps, in this order:

1. Find whose the presented (already verified) certificate is.
2. Refuse a username that is not the owner's, before any password is looked at:
   the answer is the same whether that name exists or not, and the holder of one
   certificate cannot lock the account of another (LOGIN-01, AMB-03).
3. Verify the password, throttled per account and address.
4. In one transaction: bind the certificate (the first login erases the sealed
   key), end the session that this browser had, open a new one. A token is
   always new, so a planted cookie is worth nothing (session fixation).

Every refusal is audited in a transaction of its own.
"""

from dataclasses import dataclass, field

from ca.verification import VerifiedCertificate
from enrollment.authenticators.service import Authenticators
from enrollment.subscribers.principals import Principals
from foundation.audit import Actor, AuditLog
from foundation.database import Database
from foundation.errors import Denied, Failure
from foundation.observing import NOBODY, Observer
from gateway.sessions import LiveSession, Sessions
from policies.principal import Principal


@dataclass(frozen=True)
class LoggedIn:
    """A fresh session; `token` goes into the cookie and nowhere else."""

    token: str = field(repr=False)
    session: LiveSession
    principal: Principal
    must_change_password: bool


class Login:
    """Turns a verified certificate and a right password into a session."""

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        authenticators: Authenticators,
        principals: Principals,
        sessions: Sessions,
        observer: Observer = NOBODY,
    ) -> None:
        self._database = database
        self._audit = audit
        self._authenticators = authenticators
        self._principals = principals
        self._sessions = sessions
        self._observer = observer

    def log_in(
        self,
        certificate: VerifiedCertificate,
        unverified_username: str,
        unverified_password: str,
        by: Actor,
        *,
        unverified_earlier_token: str | None = None,
    ) -> LoggedIn:
        """Open a session.

        Raises `Denied` (``certificate-mismatch``, ``credentials-wrong``,
        ``account-suspended``) or `Throttled`. Does not verify the certificate
        itself: see `gateway.admission`.
        """
        username = unverified_username.strip().lower()
        try:
            with self._observer.act("login"):
                self._require_owner(certificate, username)
                return self._open(
                    certificate, username, unverified_password, by, unverified_earlier_token
                )
        except Failure as refusal:
            self._record_refusal(certificate, refusal.code, by)
            raise

    def _require_owner(self, certificate: VerifiedCertificate, username: str) -> None:
        with self._database.reading() as session:
            owner = self._authenticators.certificate_owner(session, certificate.serial_number)
        if owner is None or owner.ended_at is not None or owner.username != username:
            raise Denied("certificate-mismatch")

    def _open(
        self,
        certificate: VerifiedCertificate,
        username: str,
        unverified_password: str,
        by: Actor,
        unverified_earlier_token: str | None,
    ) -> LoggedIn:
        verified = self._authenticators.verify_password(username, unverified_password, by)
        known = Actor(username, by.address, by.request_id)
        with self._database.writing() as session:
            self._authenticators.bind_certificate(
                session, verified, certificate.serial_number, known
            )
            principal = self._principals.principal_for(session, username)
            if unverified_earlier_token is not None:
                self._sessions.end_of_token(session, unverified_earlier_token, "replaced")
            token, live = self._sessions.start(session, username, certificate)
            self._audit.record(
                session,
                "session.started",
                by=known,
                subject=f"subscriber:{username}",
                serial_number=certificate.serial_number,
                session_id=live.id,
            )
        return LoggedIn(token, live, principal, verified.must_change)

    def _record_refusal(self, certificate: VerifiedCertificate, code: str, by: Actor) -> None:
        # The typed username stays out of the log: people type passwords there.
        with self._database.writing() as session:
            self._audit.record(
                session,
                "session.refused",
                by=by,
                subject=f"certificate:{certificate.serial_number}",
                outcome="refused",
                reason=code,
            )
