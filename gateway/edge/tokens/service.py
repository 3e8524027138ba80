"""Tokens for requests: minted at login, renewed with the session, carried to other hosts."""

from dataclasses import dataclass

import structlog

from ca.verification import VerifiedCertificate
from enrollment.authenticators.service import Authenticators
from enrollment.subscribers.principals import Principals
from foundation.database import Database
from foundation.errors import Unavailable
from gateway.admission import Admitted
from gateway.edge.tokens.minting import Minted, Minting
from gateway.edge.tokens.return_target import ReturnTarget, ReturnTargets
from gateway.edge.tokens.visits import Visits
from gateway.login import LoggedIn
from gateway.sessions import Sessions

_LOG = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Arrived:
    """Somebody at another host: tokens for it, and the address to go on to."""

    minted: Minted
    url: str


class EdgeTokens:
    """Hands out session tokens and assertions. Opens its own transactions."""

    def __init__(
        self,
        database: Database,
        minting: Minting,
        visits: Visits,
        targets: ReturnTargets,
        sessions: Sessions,
        principals: Principals,
        authenticators: Authenticators,
    ) -> None:
        self._database = database
        self._minting = minting
        self._visits = visits
        self.targets = targets
        self._sessions = sessions
        self._principals = principals
        self._authenticators = authenticators

    def of_login(self, logged_in: LoggedIn, host: str) -> Minted | None:
        """Return tokens of a session that was opened a moment ago.

        None before the password reset; and when they cannot be minted now,
        since the portal itself needs none: an application then asks for them.
        """
        if logged_in.must_change_password:
            return None
        try:
            with self._database.reading() as session:
                return self._minting.mint(
                    session,
                    logged_in.session,
                    logged_in.principal,
                    host,
                    must_change_password=logged_in.must_change_password,
                )
        except Unavailable as failure:
            _LOG.error("tokens_not_minted", reason=failure.code)
            return None

    def renew(self, admitted: Admitted, host: str) -> Minted:
        """Return tokens for the host at which somebody is admitted; raises as `Minting.mint`."""
        with self._database.reading() as session:
            return self._minting.mint(
                session,
                admitted.session,
                admitted.principal,
                host,
                must_change_password=admitted.must_change_password,
            )

    def send_to(self, admitted: Admitted, target: ReturnTarget) -> str:
        """Return the address, good for one visit, at which another host gives its tokens."""
        assert target.host is not None, "at the portal itself nobody needs a ticket"
        with self._database.writing() as session:
            ticket = self._visits.issue(session, admitted.session, target.host, target.path)
        return f"{self.targets.origin_of(target)}/.certgate/session?ticket={ticket}"

    def arrive(
        self, unverified_ticket: str, host: str, certificate: VerifiedCertificate
    ) -> Arrived:
        """Return the tokens that a ticket is good for at `host`.

        Raises `Denied` with "visit-ended", or as `Sessions.get_live_by_id`,
        `Principals.principal_for` and `Minting.mint` do: whatever happened to
        the session since the ticket was issued counts. The certificate has been
        verified for this very request.
        """
        with self._database.writing() as session:
            visit = self._visits.redeem(session, unverified_ticket, host, certificate)
        # The ticket is used up, whatever follows.
        with self._database.writing() as session:
            live = self._sessions.get_live_by_id(session, visit.session_id, certificate)
            # Who works in an application is not idle (NIST SP 800-63B section 5.2).
            self._sessions.touch(session, live)
            minted = self._minting.mint(
                session,
                live,
                self._principals.principal_for(session, live.username),
                host,
                must_change_password=self._authenticators.must_change(session, live.username),
            )
        return Arrived(minted, self.targets.url_of(ReturnTarget(host, visit.path)))

    def forget_expired(self) -> None:
        """Delete tickets that nobody came with; a job calls it."""
        with self._database.writing() as session:
            self._visits.forget_expired(session)
