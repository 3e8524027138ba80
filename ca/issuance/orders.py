"""What is wanted of an issuance in bulk."""

from dataclasses import dataclass

from ca.key_types import EndEntityPublicKey
from ca.models import ProfileName
from ca.names.subject import Subject


@dataclass(frozen=True)
class Order:
    """One certificate that is wanted for a key which its owner holds (`ca.csr`)."""

    profile: ProfileName
    subscriber: str
    subject: Subject
    public_key: EndEntityPublicKey


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
