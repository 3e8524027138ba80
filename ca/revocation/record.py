"""What the acts of `ca.revocation` answer with; true when their transaction has committed."""

from dataclasses import dataclass
from datetime import datetime

from ca.models import CertificateState


@dataclass(frozen=True)
class RevocationRecord:
    """What an act did.

    `reason` is None after a release and for a number that was abandoned.
    `crl_number` is that of the newest CRL that shows the act: the one which the
    certificate points at. It is 0 for an abandoned number, which no CRL lists.
    """

    serial_number: str
    subscriber: str | None
    state: CertificateState
    reason: str | None
    at: datetime
    epoch: int
    crl_number: int


@dataclass(frozen=True)
class BulkRevocation:
    """What became of each serial number: `skipped` has (serial number, error code)."""

    revoked: tuple[RevocationRecord, ...]
    skipped: tuple[tuple[str, str], ...]
