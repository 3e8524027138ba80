"""Verifying a secret that somebody types, every wrong answer alike in text and cost.

1. charge   the attempt and look up whom it is for, in one transaction
2. verify   the secret, at the same cost whoever was found
3. refuse   a wrong one: the address is charged too and the reason written down,
            in one durable transaction, before anybody is told
4. forgive  the charge of a right one (`enrollment.authenticators.charges`)

What was typed is never written down: people put the password into the wrong box.
"""

from collections.abc import Callable, Sequence
from typing import Generic, NoReturn, TypeVar

from sqlalchemy.orm import Session

from enrollment.authenticators.charges import Charge, counting
from enrollment.authenticators.counters import Counter
from enrollment.authenticators.throttling import Throttling
from foundation.audit import Actor, AuditDraft, AuditLog
from foundation.database import Database
from foundation.errors import Denied, Throttled

Found = TypeVar("Found")


class SecretRefused(Exception):
    """A secret is not accepted; the reason is for the audit log alone."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SecretVerification(Generic[Found]):
    """Verifies one kind of secret. Opens its own transactions."""

    def __init__(
        self,
        *,
        database: Database,
        throttling: Throttling,
        audit: AuditLog,
        denied_as: str,
        describe: Callable[[Found | None, str, Actor], AuditDraft],
    ) -> None:
        """`denied_as` is what everybody is told; `describe` writes a refusal and its reason."""
        self._database = database
        self._throttling = throttling
        self._audit = audit
        self._denied_as = denied_as
        self._describe = describe

    def verify(
        self,
        counters: Sequence[Counter],
        find: Callable[[Session], Found | None],
        check: Callable[[Found | None], Found],
        by: Actor,
    ) -> tuple[Found, Charge]:
        """Return whose secret it is, and the charge that is to be forgiven.

        `check` raises `SecretRefused`, and takes as long for nobody. Raises
        `Denied`, `Throttled` and `Unavailable`.
        """
        # 1. charge
        try:
            with counting(self._database, durable=False) as session:
                found = find(session)
                self._throttling.charge(session, counters)
        except Throttled:
            self._record_throttled(find, by)
            raise
        # 2. verify
        try:
            proved = check(found)
        except SecretRefused as refused:
            # 3. refuse
            with counting(self._database, durable=True) as session:
                self._audit.record_all(session, [self._describe(found, refused.reason, by)])
                self._throttling.charge_failure(session, counters)
            raise Denied(self._denied_as) from refused
        return proved, Charge(self._database, counters)

    def refuse(self, found: Found, reason: str, by: Actor, denied_as: str = "") -> NoReturn:
        """Refuse whose secret was right for another reason, which is written down."""
        with self._database.writing() as session:
            self._audit.record_all(session, [self._describe(found, reason, by)])
        raise Denied(denied_as or self._denied_as)

    def _record_throttled(self, find: Callable[[Session], Found | None], by: Actor) -> None:
        with self._database.writing() as session:
            self._audit.record_all(session, [self._describe(find(session), "throttled", by)])
