"""Verifying username and password (`enrollment.authenticators.secret_verification`).

What was typed as a username is never written down unless it is one.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from enrollment.authenticators.counters import account_counter, address_counter
from enrollment.authenticators.password_hashing import PasswordHasher, PasswordMismatch
from enrollment.authenticators.secret_verification import SecretRefused, SecretVerification
from enrollment.authenticators.throttling import Throttling
from enrollment.conditional_updates import changed_one
from enrollment.models import PasswordAuthenticator, Subscriber
from enrollment.slips.secrets import SlipSecret
from enrollment.subscribers.usernames import normalise_username
from foundation.audit import Actor, AuditDraft, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from policies.credentials import ThrottlingParameters
from policies.principal import Kind


@dataclass(frozen=True)
class VerifiedPassword:
    """A subscriber whose password was just proved; good for this one request."""

    subscriber_id: int
    username: str
    display_name: str
    kind: Kind
    must_change: bool
    authenticator_id: int


@dataclass(frozen=True)
class _Account:
    verified: VerifiedPassword
    standing: str
    hash: str = field(repr=False)

    @property
    def audit_subject(self) -> str:
        return f"{self.verified.kind}:{self.verified.username}"


class PasswordVerifier:
    """Verifies passwords against the current authenticator."""

    def __init__(
        self,
        *,
        database: Database,
        hasher: PasswordHasher,
        initial_password: SlipSecret,
        limits: ThrottlingParameters,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._hasher = hasher
        self._initial_password = initial_password
        self._limits = limits
        self._clock = clock
        self._verification: SecretVerification[_Account] = SecretVerification(
            database=database,
            throttling=Throttling(clock, "login-throttled"),
            audit=audit,
            denied_as="credentials-wrong",
            describe=_describe,
        )

    def verify(self, username: str, unverified_password: str, by: Actor) -> VerifiedPassword:
        """Return whose password it is.

        Raises `Denied` ("credentials-wrong", and "account-suspended" only to
        those who know the password), `Throttled` ("login-throttled") and
        `Unavailable`. Opens its own transactions. Does not look at certificates.
        """
        known_form = normalise_username(username)
        counters = [address_counter("login", by.address, self._limits.address)]
        if known_form is not None:
            counters.append(account_counter(known_form, self._limits.account))

        def find(session: Session) -> _Account | None:
            return _find_account(session, known_form, self._clock.now()) if known_form else None

        def check(account: _Account | None) -> _Account:
            return self._check(account, unverified_password)

        account, charge = self._verification.verify(counters, find, check, by)
        charge.settle()
        if account.standing == "suspended":
            self._verification.refuse(account, "suspended", by, denied_as="account-suspended")
        if self._hasher.needs_rehash(account.hash):
            self._rehash(account, self._typed(account, unverified_password))
        return account.verified

    def _check(self, account: _Account | None, unverified_password: str) -> _Account:
        stored_hash = account.hash if account else None
        try:
            self._hasher.verify(stored_hash, self._typed(account, unverified_password))
        except PasswordMismatch as mismatch:
            raise SecretRefused("wrong" if account else "unknown") from mismatch
        assert account is not None, "without an account there is no hash that matches"
        return account

    def _typed(self, account: _Account | None, unverified_password: str) -> str:
        # The initial password comes from paper, so its case and hyphens are forgiven.
        if account is None or not account.verified.must_change:
            return unverified_password
        return self._initial_password.normalise(unverified_password) or unverified_password

    def _rehash(self, account: _Account, password: str) -> None:
        fresh = self._hasher.hash(password)
        statement = (
            update(PasswordAuthenticator)
            .where(PasswordAuthenticator.id == account.verified.authenticator_id)
            .where(PasswordAuthenticator.hash == account.hash)
            .values(hash=fresh)
        )
        with self._database.writing() as session:
            changed_one(session, statement)


def _describe(account: _Account | None, reason: str, by: Actor) -> AuditDraft:
    subject = account.audit_subject if account else "subscriber:unknown"
    return AuditDraft("password.refused", by, subject, "refused", {"reason": reason})


def _find_account(session: Session, username: str, now: datetime) -> _Account | None:
    statement = (
        select(Subscriber, PasswordAuthenticator)
        .join(PasswordAuthenticator, PasswordAuthenticator.subscriber_id == Subscriber.id)
        .where(Subscriber.username == username, PasswordAuthenticator.ended_at.is_(None))
    )
    row = session.execute(statement).one_or_none()
    if row is None:
        return None
    subscriber, authenticator = row
    if authenticator.expires_at is not None and authenticator.expires_at <= now:
        return None
    assert authenticator.hash is not None, "the table keeps a hash for every current password"
    verified = VerifiedPassword(
        subscriber_id=subscriber.id,
        username=subscriber.username,
        display_name=subscriber.display_name,
        kind=cast(Kind, subscriber.kind),
        must_change=authenticator.must_change,
        authenticator_id=authenticator.id,
    )
    return _Account(verified, subscriber.standing, authenticator.hash)
