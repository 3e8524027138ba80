"""Logout that an application asks for (OpenID Connect RP-Initiated Logout 1.0).

A link cannot log anybody out: the subscriber confirms on a page of ours. Back
to the application leads only an address that it registered, and only with an
ID token of ours that names it (section 3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from foundation.database import Database
from gateway.openid.keys import TokenSigner
from gateway.openid.registration import RelyingParties

_LONGEST_STATE = 1024


@dataclass(frozen=True)
class LogoutWish:
    """What was asked: by which application, if that is sure, and where to go afterwards."""

    application: str | None = None
    destination: str | None = None


class LogoutWishes:
    """Reads logout requests."""

    def __init__(self, database: Database, parties: RelyingParties, signer: TokenSigner) -> None:
        self._database = database
        self._parties = parties
        self._signer = signer

    def read(self, unverified: Mapping[str, str]) -> LogoutWish:
        """Return what may be followed of a request; never raises.

        Without a good hint nothing of it is: the subscriber may still log out.
        """
        claims = self._signer.find_own_id_token(unverified.get("id_token_hint", ""))
        audience = None if claims is None else claims.get("aud")
        if not isinstance(audience, str):
            return LogoutWish()
        if unverified.get("client_id", audience) != audience:
            # Section 2: the two MUST match.
            return LogoutWish()
        with self._database.reading() as session:
            application = self._parties.find(session, audience)
        if application is None:
            return LogoutWish()
        wanted = unverified.get("post_logout_redirect_uri")
        if wanted not in application.post_logout_redirect_uris:
            return LogoutWish(application.name)
        return LogoutWish(application.name, _with_state(wanted, unverified.get("state")))


def _with_state(destination: str, state: str | None) -> str:
    if state is None or len(state) > _LONGEST_STATE:
        return destination
    separator = "&" if urlsplit(destination).query else "?"
    return f"{destination}{separator}{urlencode({'state': state})}"
