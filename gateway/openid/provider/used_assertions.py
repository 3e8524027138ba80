"""Remembering assertions, so that none is accepted twice (RFC 7523 section 3, item 7)."""

import hashlib
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from foundation.clock import Clock
from foundation.database import Database, insert_or_conflict
from foundation.errors import Conflict
from gateway.openid.models import UsedAssertion


class UsedAssertions:
    """The identifiers (``jti``) of assertions that have not expired."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def use(self, client_id: str, jti: str, expires_at: datetime) -> None:
        """Use up an identifier in a transaction of its own; raises `Conflict` the second time."""
        digest = hashlib.sha256(jti.encode(errors="surrogatepass")).hexdigest()
        row = UsedAssertion(client_id=client_id, jti_digest=digest, expires_at=expires_at)
        with self._database.writing() as session:
            insert_or_conflict(session, row, Conflict("openid-assertion-used"))

    def purge(self, session: Session) -> None:
        """Forget what is refused by its expiry anyway."""
        session.execute(delete(UsedAssertion).where(UsedAssertion.expires_at < self._clock.now()))
