"""Admission: what is asked again on every request before anything else happens.

A request is admitted when

1. its connection presented a certificate, and TLS proved possession of the key,
2. the database says what follows now, in one statement and so of one moment,
3. the certificate's path is valid and it is neither revoked nor held,
4. its session is alive and was opened with exactly this certificate,
5. the session's subscriber exists and is not suspended,
6. the password is the subscriber's own, and not the initial one of a slip.

Nothing of it is remembered from one request to the next but that this very
certificate was verified in the present revocation epoch. So an act that
committed before the request came in is seen (design, section 3). What a path
leaves out of it is said in `gateway.admission.reach`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Row

from ca.epoch import epoch_in, epoch_question
from ca.verification import ClientCertificateVerifier, VerifiedCertificate
from enrollment.subscribers.principals import subscriber_in, with_subscriber
from foundation.database import Database
from foundation.errors import Denied
from gateway.admission.reach import Reach
from gateway.sessions import LiveSession, SessionRecord, Sessions
from gateway.sessions.records import session_in, token_digest, with_session
from policies.principal import Principal

# The answer has a row without a session too: what it says then is the epoch.
_NOW: Final = with_subscriber(with_session(epoch_question()), SessionRecord.username)


@dataclass(frozen=True)
class Examined:
    """A request with a good certificate, and what the database said of its session."""

    certificate: VerifiedCertificate
    _now: Row[Any] = field(repr=False)


@dataclass(frozen=True)
class Admitted:
    """An authenticated request: who, in which session, with which certificate."""

    certificate: VerifiedCertificate
    session: LiveSession
    principal: Principal
    must_change_password: bool


class Admission:
    """Decides whether a request comes from somebody, and from whom."""

    def __init__(
        self, database: Database, verifier: ClientCertificateVerifier, sessions: Sessions
    ) -> None:
        self._database = database
        self._verifier = verifier
        self._sessions = sessions

    def examine(self, unverified_chain: Sequence[bytes], unverified_token: str | None) -> Examined:
        """Return what is known of a request (obligations 1 to 3).

        Raises `Denied` with ``certificate-required``, ``certificate-expired``,
        ``certificate-revoked`` or ``certificate-untrusted``, and what
        `ClientCertificateVerifier.verify` raises besides.
        """
        # 1.
        if not unverified_chain:
            raise Denied("certificate-required")
        # 2. No token has the digest of none.
        digest = token_digest(unverified_token) if unverified_token else None
        now = self._database.ask(_NOW, {"token_digest": digest})
        # 3.
        certificate = self._verifier.verify_in(epoch_in(now), unverified_chain)
        assert now is not None, "there is an epoch"
        return Examined(certificate, now)

    def admit(self, examined: Examined, reach: Reach) -> Admitted | None:
        """Return who is asking (obligations 4 and 5), or None where nobody need be.

        Raises `Denied` with ``login-required``, ``certificate-mismatch`` or
        ``account-suspended``. Does not ask what the principal may do: that is
        `policies.access`.
        """
        if reach is Reach.CERTIFICATE:
            return None
        try:
            return self._find(examined)
        except Denied as denied:
            # The login page is for those who are not admitted, whatever the
            # stale cookie in their browser says.
            if reach is Reach.BEFORE_LOGIN and denied.code != "account-suspended":
                return None
            raise

    def require_own_password(self, admitted: Admitted, reach: Reach) -> None:
        """Raise `Denied` ("password-change-required") before the reset (obligation 6)."""
        if admitted.must_change_password and reach is Reach.MEMBERS:
            raise Denied("password-change-required")

    def _find(self, examined: Examined) -> Admitted:
        # 4.
        live = self._sessions.require_live(session_in(examined._now), examined.certificate)
        # 5.
        subscriber = subscriber_in(examined._now)
        if live.is_due_to_touch:
            # A power cut may make it seem idle for longer than it was.
            with self._database.writing(durable=False) as session:
                self._sessions.touch(session, live)
        return Admitted(
            examined.certificate, live, subscriber.principal, subscriber.must_change_password
        )
