"""A dry run as officers see it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from gateway.bulk_revocation.models import SelectedCertificate


@dataclass(frozen=True)
class SelectedView:
    """One serial number, what would become of it, and whose it is."""

    position: int
    serial_number: str
    verdict: str
    profile: str | None
    subscriber: str | None
    display_name: str | None
    district: str | None
    outcome: str | None

    @classmethod
    def of(cls, row: SelectedCertificate) -> "SelectedView":
        """Return the view of a row."""
        return cls(**{name: getattr(row, name) for name in cls.__dataclass_fields__})

    def as_document(self) -> dict[str, object]:
        """Return the JSON form."""
        return asdict(self)


@dataclass(frozen=True)
class SelectedPage:
    """Rows in their order; `next` is what to pass as `after`, or None at the end."""

    items: tuple[SelectedView, ...]
    next: int | None


@dataclass(frozen=True)
class SelectionView:
    """A fixed set of certificates.

    `verdicts`, `districts` and `profiles` count: rows by verdict, and those
    that would be revoked by district ("" is none) and profile.
    `security_officers_left` is how many could still log in afterwards.
    """

    id: int
    made_by: str
    made_at: datetime
    criteria: Mapping[str, str]
    malformed: tuple[tuple[int, str], ...]
    malformed_count: int
    hits: int
    digest: str
    district: str | None
    verdicts: Mapping[str, int]
    districts: Mapping[str, int]
    profiles: Mapping[str, int]
    security_officers_left: int

    def as_document(self) -> dict[str, object]:
        """Return the JSON form, the time in RFC 3339 UTC."""
        made_at = self.made_at.astimezone(UTC).isoformat(timespec="seconds")
        malformed = [{"line": line, "text": text} for line, text in self.malformed]
        return {**asdict(self), "made_at": made_at.replace("+00:00", "Z"), "malformed": malformed}
