"""The password reset, forced at the first login and free at any later time.

Replaces the password and every session of the subscriber by a new one, so
that whoever knew the old password is out (LOGIN-03..05, AMB-02).
"""

from ca.verification import VerifiedCertificate
from enrollment.authenticators.service import Authenticators
from foundation.audit import Actor, AuditLog
from foundation.database import Database
from gateway.admission import Admitted
from gateway.login.login import LoggedIn
from gateway.sessions import Sessions


class PasswordReset:
    """Changes the password of the subscriber who is logged in."""

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        authenticators: Authenticators,
        sessions: Sessions,
    ) -> None:
        self._database = database
        self._audit = audit
        self._authenticators = authenticators
        self._sessions = sessions

    def change(
        self,
        admitted: Admitted,
        unverified_old_password: str,
        new_password: str,
        by: Actor,
        *,
        confirmation: str | None = None,
    ) -> LoggedIn:
        """Set a new password and return the session that takes the old one's place.

        Raises `Invalid` with field errors when the old password is wrong or the
        policy refuses the new one, `Throttled` after too many wrong ones.
        """
        username = admitted.principal.username
        change = self._authenticators.prepare_change(
            username, unverified_old_password, new_password, by, confirmation
        )
        certificate: VerifiedCertificate = admitted.certificate
        with self._database.writing() as session:
            self._authenticators.apply_change(session, change, by)
            ended = self._sessions.end_all_of_subscriber(session, username, "password_changed")
            token, live = self._sessions.start(session, username, certificate)
            # `apply_change` has recorded the change of the password itself.
            self._audit.record(
                session,
                "session.replaced",
                by=by,
                subject=f"subscriber:{username}",
                session_id=live.id,
                sessions_ended=ended,
            )
        return LoggedIn(token, live, admitted.principal, must_change_password=False)
