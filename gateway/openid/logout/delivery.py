"""Telling applications that a session is over (Back-Channel Logout 1.0 section 2.5).

Each minute, and at once after a session was ended in this process:

1. mark   what is due: participations whose session is over
2. claim  one notice, so that no other node sends it too
3. post   the logout token, made for this attempt
4. settle it; or leave it to its next attempt, and after the last give up

What an application does not hear within two hours it learns at the userinfo
endpoint, where its token has died with the session.
"""

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy.orm import Session

from foundation.audit import Actor, AuditLog
from foundation.database import Database
from gateway.openid.grants import Grants
from gateway.openid.keys import TokenAlgorithm
from gateway.openid.logout.participations import (
    MOST_ATTEMPTS,
    DueNotice,
    Participations,
    Settled,
)
from gateway.openid.logout.posting import NotDelivered, Post
from gateway.openid.logout.tokens import LogoutTokens
from gateway.openid.provider.used_assertions import UsedAssertions

_LOG = structlog.get_logger(__name__)
# One run must end before the next one begins, also when nobody answers.
_MOST_A_RUN = 200


@dataclass(frozen=True)
class LogoutParty:
    """Where an application takes logout tokens, and as whom it is addressed."""

    url: str
    audience: str
    algorithm: TokenAlgorithm = "ES256"


FindParty = Callable[[Session, str], LogoutParty | None]


class BackChannelLogout:
    """The repeated job; it takes several transactions and none while it talks."""

    def __init__(
        self,
        *,
        database: Database,
        audit: AuditLog,
        participations: Participations,
        grants: Grants,
        used_assertions: UsedAssertions,
        find_party: FindParty,
        tokens: LogoutTokens,
        post: Post,
    ) -> None:
        self._database = database
        self._audit = audit
        self._participations = participations
        self._grants = grants
        self._used_assertions = used_assertions
        self._find_party = find_party
        self._tokens = tokens
        self._post = post

    def run(self) -> None:
        """Deliver what is due and forget what is over."""
        # 1.
        with self._database.writing() as session:
            self._participations.mark_due(session)
            self._participations.purge(session)
            self._grants.purge(session)
            self._used_assertions.purge(session)
        with self._database.reading() as session:
            due = self._participations.due(session, _MOST_A_RUN)
        silent: set[str] = set()
        for notice_id in due:
            # 2.
            with self._database.writing() as session:
                notice = self._participations.claim(session, notice_id, besides=silent)
            if notice is not None and not self._deliver(notice):
                # The others of this application wait for the next run.
                silent.add(notice.party)

    def _deliver(self, notice: DueNotice) -> bool:
        """Tell one application; return whether it can be told more."""
        with self._database.reading() as session:
            party = self._find_party(session, notice.party)
        if party is None:
            self._settle(notice, "settled")
            return True
        token = self._tokens.make(
            audience=party.audience,
            username=notice.username,
            session_id=notice.session_id,
            algorithm=party.algorithm,
        )
        # 3.
        try:
            self._post(party.url, token)
        except NotDelivered as failed:
            _LOG.warning(
                "logout_not_delivered", party=notice.party, failure=str(failed),
                attempts=notice.attempts,
            )  # fmt: skip
            # 4.
            if notice.attempts >= MOST_ATTEMPTS:
                self._settle(notice, "abandoned")
            return False
        self._settle(notice, "delivered")
        return True

    def _settle(self, notice: DueNotice, state: Settled) -> None:
        with self._database.writing() as session:
            if state == "abandoned":
                self._audit.record(
                    session,
                    "application.logout_abandoned",
                    by=Actor.system(),
                    subject=f"application:{notice.party}",
                    outcome="refused",
                    session_id=notice.session_id,
                )
            self._participations.settle(session, notice, state)
