"""The userinfo endpoint (OpenID Connect Core section 5.3): whether a token is worth anything, now.

A token is good while

1. it was handed out, has not expired, and its code was not presented again,
2. its application is still registered,
3. it comes over a connection with the certificate that it is bound to, if it
   is bound to one (RFC 8705 section 3),
4. the session lives, and its subscriber may still use the application.

All of it is read from the database for this very request. Revoking or holding
a certificate ends its sessions in the same transaction, and with them this.
"""

from typing import Any

from foundation.database import Database
from foundation.errors import Denied
from gateway.openid.grants import Grants
from gateway.openid.provider.presented import PresentedByClient
from gateway.openid.registration import RelyingParties
from gateway.openid.subjects import Subjects


class UserInfo:
    """Says who somebody is, to whoever holds a good token."""

    def __init__(
        self, database: Database, grants: Grants, parties: RelyingParties, subjects: Subjects
    ) -> None:
        self._database = database
        self._grants = grants
        self._parties = parties
        self._subjects = subjects

    def describe(
        self, unverified_token: str, presented: PresentedByClient | None
    ) -> dict[str, Any]:
        """Return the claims; raises `Denied` ("openid-token-invalid") for whatever is wrong."""
        with self._database.reading() as session:
            # 1.
            granted = self._grants.find_by_token(session, unverified_token)
            if granted is None:
                raise Denied("openid-token-invalid")
            # 2.
            application = self._parties.find(session, granted.authorized.client_id)
            if application is None:
                raise Denied("openid-token-invalid")
            # 3.
            digest = presented.digest if presented is not None else None
            if granted.confirmation is not None and granted.confirmation != digest:
                raise Denied("openid-token-invalid")
            # 4.
            signed_in = self._subjects.find(session, granted.session_id, application)
        if signed_in is None:
            raise Denied("openid-token-invalid")
        return signed_in.claims(granted.authorized.scope)
