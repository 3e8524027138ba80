"""What enrollment needs of the CA, as narrow as it uses it (`ca.issuance`, `ca.revocation`)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from sqlalchemy.orm import Session

from ca.issuance import Intent
from ca.models import ProfileName
from ca.names.subject import Subject
from foundation.audit import Actor
from foundation.database import Database
from foundation.errors import Unavailable

_ASK_AGAIN_AFTER = timedelta(minutes=1)


class CertificateIssuer(Protocol):
    """Issues the certificate of a slip, in the steps of `ca.issuance`."""

    def reserve_serial(
        self, session: Session, *, profile: ProfileName, subscriber: str | None, by: Actor
    ) -> str:
        """Return a new serial number, kept for this subscriber."""
        ...

    def prepare(
        self,
        session: Session,
        serial_number: str,
        *,
        subject: Subject,
        public_key: PublicKeyTypes,
        by: Actor,
    ) -> Intent:
        """Fix the content that will be signed, in the caller's transaction."""
        ...

    def prepare_new(
        self,
        session: Session,
        *,
        profile: ProfileName,
        subscriber: str,
        subject: Subject,
        public_key: PublicKeyTypes,
        by: Actor,
    ) -> Intent:
        """Do both of the above at once, for a key that is known already."""
        ...

    def complete(
        self,
        database: Database,
        serial_number: str,
        by: Actor,
        *,
        intent: Intent | None = None,
        together: Callable[[Session], None] | None = None,
    ) -> x509.Certificate:
        """Sign and return; safe to repeat. Opens its own transactions.

        `together` is done in the transaction that stores, or in one of its own;
        perhaps in another thread.
        """
        ...

    def abandon(self, session: Session, serial_number: str, by: Actor) -> None:
        """Give up a number before its certificate was issued."""
        ...


class CertificateRevoker(Protocol):
    """Ends certificates for good."""

    def revoke(self, session: Session, serial_number: str, reason: str, by: Actor) -> object:
        """Revoke, or abandon what was never issued; raises `Conflict` when it is over already."""
        ...


class CertificatePending(Unavailable):
    """The content is fixed and stored, and the signer does not answer: the same request later.

    `retry_after` says when. Nothing has to be undone: asking again goes on
    where this attempt stopped.
    """

    def __init__(self) -> None:
        super().__init__("certificate-pending")
        self.retry_after = _ASK_AGAIN_AFTER


def complete_certificate(
    issuance: CertificateIssuer,
    database: Database,
    serial_number: str,
    by: Actor,
    *,
    intent: Intent | None = None,
    together: Callable[[Session], None] | None = None,
) -> x509.Certificate:
    """Return the certificate of a prepared serial number; raises `CertificatePending`.

    Otherwise as `CertificateIssuer.complete`; no open transaction.
    """
    try:
        return issuance.complete(database, serial_number, by, intent=intent, together=together)
    except Unavailable as failure:
        raise CertificatePending from failure
