"""Replacing a password: the forced reset of the first login and every later change.

In two halves, because hashing is slow and a transaction must be short:
`prepare` proves the old password, judges the new one and hashes it; `apply`
swaps them in the transaction in which the gateway ends the other sessions.
"""

from dataclasses import dataclass, field

from sqlalchemy import update
from sqlalchemy.orm import Session

from enrollment.authenticators.password_hashing import PasswordHasher
from enrollment.authenticators.password_verification import PasswordVerifier, VerifiedPassword
from enrollment.conditional_updates import changed_one
from enrollment.models import PasswordAuthenticator
from enrollment.slips.secrets import SlipSecret
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.errors import Conflict, Denied, Invalid
from policies.passwords import PasswordPolicy


@dataclass(frozen=True)
class PasswordChange:
    """A proved old password and the hash of the new one, not yet applied."""

    verified: VerifiedPassword
    new_hash: str = field(repr=False)


class PasswordChanges:
    """Prepares and applies changes of passwords."""

    def __init__(
        self,
        *,
        verifier: PasswordVerifier,
        hasher: PasswordHasher,
        initial_password: SlipSecret,
        policy: PasswordPolicy,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        self._verifier = verifier
        self._hasher = hasher
        self._initial_password = initial_password
        self._policy = policy
        self._audit = audit
        self._clock = clock

    def prepare(
        self,
        username: str,
        unverified_old_password: str,
        new_password: str,
        by: Actor,
        confirmation: str | None = None,
    ) -> PasswordChange:
        """Return the change to apply. Opens its own transactions.

        Raises `Invalid` ("passwords-differ", "old-password-wrong" and the
        policy's "password-refused"), `Throttled` and `Denied`
        ("account-suspended"). The old password is proved first: only its owner
        learns what the policy says.
        """
        if confirmation is not None and confirmation != new_password:
            raise Invalid("passwords-differ", field="confirmation")
        try:
            verified = self._verifier.verify(username, unverified_old_password, by)
        except Denied as refused:
            if refused.code == "credentials-wrong":
                raise Invalid("old-password-wrong", field="old_password") from refused
            raise
        accepted = self._policy.check(
            new_password,
            username=verified.username,
            names=[verified.display_name],
            forbidden=self._forms_of(unverified_old_password),
        )
        return PasswordChange(verified, self._hasher.hash(accepted))

    def _forms_of(self, old_password: str) -> list[str]:
        """Return the old password as typed and, if it may be an initial one, as printed."""
        printed = self._initial_password.normalise(old_password)
        return [old_password] if printed is None else [old_password, printed]

    def apply(self, session: Session, change: PasswordChange, by: Actor) -> None:
        """Replace the password that was proved.

        Raises `Conflict` ("password-changed-meanwhile") when it is not the
        current one any more.
        """
        now = self._clock.now()
        verified = change.verified
        self._audit.lock_chain(session)
        statement = (
            update(PasswordAuthenticator)
            .where(PasswordAuthenticator.id == verified.authenticator_id)
            .where(PasswordAuthenticator.ended_at.is_(None))
            .values(ended_at=now, hash=None)
        )
        if not changed_one(session, statement):
            raise Conflict("password-changed-meanwhile")
        session.add(
            PasswordAuthenticator(
                subscriber_id=verified.subscriber_id,
                hash=change.new_hash,
                must_change=False,
                created_at=now,
            )
        )
        session.flush()
        self._audit.record(
            session,
            "password.changed",
            by=by,
            subject=f"{verified.kind}:{verified.username}",
            initial=verified.must_change,
        )
