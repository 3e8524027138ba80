"""What is wanted of an issuance in bulk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from sqlalchemy.orm import Session

from ca.issuance.reserved_rows import Reserved
from ca.key_types import EndEntityPublicKey
from ca.models import ProfileName
from ca.names.subject import Subject


@dataclass(frozen=True)
class Order:
    """One certificate that is wanted for a key which its owner holds (`ca.csr`).

    It gets the number that is `reserved` for it, or a new one.
    """

    profile: ProfileName
    subscriber: str
    subject: Subject
    public_key: EndEntityPublicKey
    reserved: Reserved | None = None


@dataclass(frozen=True)
class RequestedOrder:
    """One certificate that is wanted for the key of a PKCS#10 request (RFC 2986).

    The request is read, and the proof in it verified, when its batch is built.
    """

    profile: ProfileName
    subscriber: str
    subject: Subject
    unverified_csr: bytes


AnyOrder = Order | RequestedOrder


class Together(Protocol):
    """What else is written in the transactions of a batch, and stands or falls with them.

    Called in another thread. What it raises stops the batch.
    """

    def with_intents(self, session: Session, orders: Sequence[AnyOrder]) -> None:
        """Write what goes with the intents; the audit chain is locked."""
        ...

    def with_certificates(self, session: Session, orders: Sequence[AnyOrder]) -> None:
        """Write what goes with the certificates; the audit chain is locked."""
        ...


class Nothing:
    """Nothing else."""

    def with_intents(self, session: Session, orders: Sequence[AnyOrder]) -> None:
        """Write nothing."""

    def with_certificates(self, session: Session, orders: Sequence[AnyOrder]) -> None:
        """Write nothing."""


NOTHING_ELSE: Final = Nothing()
