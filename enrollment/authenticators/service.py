"""Password and certificate of a subscriber, as the login uses them (LOGIN-01, AMB-03)."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from enrollment.authenticators.certificate_binding import CertificateBinding
from enrollment.authenticators.password_change import PasswordChange, PasswordChanges
from enrollment.authenticators.password_verification import PasswordVerifier, VerifiedPassword
from enrollment.authenticators.records import CertificateOwner, find_certificate_owner
from enrollment.models import PasswordAuthenticator, Subscriber
from enrollment.subscribers.usernames import normalise_username
from foundation.audit import Actor

__all__ = ["Authenticators", "CertificateOwner", "PasswordChange", "VerifiedPassword"]

# Every request asks this, so it is built once.
_MUST_CHANGE = (
    select(PasswordAuthenticator.must_change)
    .join(Subscriber, Subscriber.id == PasswordAuthenticator.subscriber_id)
    .where(Subscriber.username == bindparam("username"))
    .where(PasswordAuthenticator.ended_at.is_(None))
)


class Authenticators:
    """The three acts of a login in one place: prove, bind, change."""

    def __init__(
        self,
        *,
        passwords: PasswordVerifier,
        changes: PasswordChanges,
        binding: CertificateBinding,
    ) -> None:
        self._passwords = passwords
        self._changes = changes
        self._binding = binding

    def verify_password(
        self, username: str, unverified_password: str, by: Actor
    ) -> VerifiedPassword:
        """Return whose password it is; see `PasswordVerifier.verify`. No open transaction."""
        return self._passwords.verify(username, unverified_password, by)

    def bind_certificate(
        self, session: Session, verified: VerifiedPassword, serial_number: str, by: Actor
    ) -> None:
        """Let the subscriber in with this certificate; see `CertificateBinding.bind`."""
        self._binding.bind(session, verified, serial_number, by)

    def prepare_change(
        self,
        username: str,
        unverified_old_password: str,
        new_password: str,
        by: Actor,
        confirmation: str | None = None,
    ) -> PasswordChange:
        """Prove the old password and judge the new; see `PasswordChanges`. No open transaction."""
        return self._changes.prepare(
            username, unverified_old_password, new_password, by, confirmation
        )

    def apply_change(self, session: Session, change: PasswordChange, by: Actor) -> None:
        """Replace the password; see `PasswordChanges.apply`."""
        self._changes.apply(session, change, by)

    def must_change(self, session: Session, username: str) -> bool:
        """Return whether the subscriber still has the initial password of a slip."""
        must_change = session.scalar(_MUST_CHANGE, {"username": normalise_username(username)})
        # Without any password there is nothing to go on with either.
        return must_change is not False

    def certificate_owner(self, session: Session, serial_number: str) -> CertificateOwner | None:
        """Return whose certificate it is, or None. Does not look at revocation."""
        return find_certificate_owner(session, serial_number)

    def certificate_revoked(self, session: Session, serial_number: str, by: Actor) -> None:
        """End a certificate that is being revoked, its slip and its sealed key.

        It belongs into the transaction of the revocation.
        """
        self._binding.revoked(session, serial_number, by)
