"""What enrollment needs of the CA, as narrow as it uses it (`ca.issuance`, `ca.revocation`)."""

from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from sqlalchemy.orm import Session

from ca.models import ProfileName
from ca.subject import Subject
from foundation.audit import Actor
from foundation.database import Database


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
    ) -> None:
        """Fix the content that will be signed, in the caller's transaction."""
        ...

    def complete(self, database: Database, serial_number: str, by: Actor) -> x509.Certificate:
        """Sign and return; safe to repeat. Opens its own transactions."""
        ...

    def abandon(self, session: Session, serial_number: str, by: Actor) -> None:
        """Give up a number before its certificate was issued."""
        ...


class CertificateRevoker(Protocol):
    """Ends certificates for good."""

    def revoke(self, session: Session, serial_number: str, reason: str, by: Actor) -> object:
        """Revoke, or abandon what was never issued; raises `Conflict` when it is over already."""
        ...
