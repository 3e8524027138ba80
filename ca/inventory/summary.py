"""One certificate as lists show it."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from ca.models import CertificateRecord


@dataclass(frozen=True)
class CertificateSummary:
    """A row of the table without its octets; dates are None until they are known."""

    serial_number: str
    issuer: str
    profile: str
    subscriber: str | None
    state: str
    subject: str | None
    not_before: datetime | None
    not_after: datetime | None
    fingerprint_sha256: str | None
    key_type: str | None
    spki_sha256: str | None
    crl_shard: int | None
    created_at: datetime
    issued_at: datetime | None
    revoked_at: datetime | None
    reason: str | None
    invalidity_date: datetime | None

    @classmethod
    def of(cls, record: CertificateRecord) -> "CertificateSummary":
        """Return the view of a row."""
        return cls(**{name: getattr(record, name) for name in cls.__dataclass_fields__})

    def as_document(self) -> dict[str, object]:
        """Return the JSON form, times in RFC 3339 UTC."""
        return {name: _json_value(value) for name, value in asdict(self).items()}


def _json_value(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return value
