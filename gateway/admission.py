"""Admission: what is asked again on every request before anything else happens.

A request is admitted when

1. its connection presented a certificate and TLS proved possession of the key,
2. the certificate's path is valid now and it is neither revoked nor held,
3. its session is alive and was opened with exactly this certificate,
4. the session's subscriber exists and is not suspended.

All of it is read from the database for this very request, so an act that
committed before the request came in is seen (design, section 3).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ca.verification import ClientCertificateVerifier, VerifiedCertificate
from enrollment.authenticators.service import Authenticators
from enrollment.subscribers.principals import Principals
from foundation.database import Database
from foundation.errors import Denied
from gateway.sessions import LiveSession, Sessions
from policies.principal import Principal


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
        self,
        database: Database,
        verifier: ClientCertificateVerifier,
        sessions: Sessions,
        principals: Principals,
        authenticators: Authenticators,
    ) -> None:
        self._database = database
        self._verifier = verifier
        self._sessions = sessions
        self._principals = principals
        self._authenticators = authenticators

    def verify_certificate(self, unverified_chain: Sequence[bytes]) -> VerifiedCertificate:
        """Return the verified client certificate (obligations 1 and 2).

        Raises `Denied` with ``certificate-required``, ``certificate-expired``,
        ``certificate-revoked`` or ``certificate-untrusted``.
        """
        if not unverified_chain:
            raise Denied("certificate-required")
        return self._verifier.verify(unverified_chain)

    def admit(self, certificate: VerifiedCertificate, unverified_token: str | None) -> Admitted:
        """Return who is asking (obligations 3 and 4).

        Raises `Denied` with ``login-required``, ``certificate-mismatch`` or
        ``account-suspended``. Does not ask what the principal may do.
        """
        if unverified_token is None:
            raise Denied("login-required")
        with self._database.reading() as session:
            live = self._sessions.get_live(session, unverified_token, certificate)
            principal = self._principals.principal_for(session, live.username)
            must_change = self._authenticators.must_change(session, live.username)
        if live.is_due_to_touch:
            with self._database.writing() as session:
                self._sessions.touch(session, live)
        return Admitted(certificate, live, principal, must_change)
