"""The one value that carries a slip's secrets, from drawing to printing."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from policies.principal import Kind


def rfc3339(moment: datetime) -> str:
    """Return a time as RFC 3339 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class IssuedSlip:
    """A slip that was just issued (ENR-10).

    Both secrets exist here and nowhere else: what is not printed now is lost,
    and a new slip is needed. They are left out of the representation, so a log
    line or a traceback does not show them.
    """

    username: str
    initial_password: str = field(repr=False)
    serial_number: str
    download_password: str = field(repr=False)
    pickup_url: str
    root_fingerprint_sha256: str
    expires_at: datetime
    issued_at: datetime
    display_name: str
    kind: Kind

    def as_document(self) -> dict[str, str]:
        """Return the slip as the outward contract fixes it."""
        return {
            "username": self.username,
            "initial_password": self.initial_password,
            "serial_number": self.serial_number,
            "download_password": self.download_password,
            "pickup_url": self.pickup_url,
            "root_fingerprint_sha256": self.root_fingerprint_sha256,
            "expires_at": rfc3339(self.expires_at),
        }
