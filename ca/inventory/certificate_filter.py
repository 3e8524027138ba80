"""What to look for among the certificates."""

import re
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from ca.models import STATES
from foundation.errors import FieldError, Invalid

SHORTEST_PREFIX = 4
_HEX = re.compile(r"[0-9A-F]+")
_LONGEST_SERIAL = 40
_DIGEST = 64


@dataclass(frozen=True)
class CertificateFilter:
    """Every condition that is given must hold; without any, every certificate fits.

    `subscribers` are usernames, and an empty tuple finds nothing. Of two
    moments the first is included and the second is not. `verified` has looked
    at all of it.
    """

    serial_number: str | None = None
    serial_prefix: str | None = None
    subscribers: tuple[str, ...] | None = None
    state: str | None = None
    profile: str | None = None
    issuer: str | None = None
    key_type: str | None = None
    spki_sha256: str | None = None
    fingerprint_sha256: str | None = None
    issued_from: datetime | None = None
    issued_before: datetime | None = None
    expires_from: datetime | None = None
    expires_before: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it fits every certificate."""
        return all(getattr(self, field.name) is None for field in fields(self))

    def verified(self) -> "CertificateFilter":
        """Return it when every condition is one that some certificate could meet.

        Raises `Invalid` with everything that is wrong.
        """
        errors = [
            *self._range_errors("issued_from", "issued_before"),
            *self._range_errors("expires_from", "expires_before"),
            *self._digest_errors("spki_sha256"),
            *self._digest_errors("fingerprint_sha256"),
        ]
        if self.state is not None and self.state not in STATES:
            errors.append(FieldError("state", "certificate-state-unknown"))
        prefix = self.serial_prefix
        if prefix is not None and not (
            SHORTEST_PREFIX <= len(prefix) <= _LONGEST_SERIAL and _HEX.fullmatch(prefix)
        ):
            minimum = {"minimum": SHORTEST_PREFIX}
            errors.append(FieldError("serial_prefix", "serial-prefix-malformed", {**minimum}))
        if errors:
            raise Invalid("certificate-filter-invalid", fields=errors)
        return self

    def as_document(self) -> dict[str, str]:
        """Return the conditions that are given, as text: for the audit log and for JSON."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: _text(value) for name, value in given.items() if value is not None}

    def _range_errors(self, first: str, last: str) -> list[FieldError]:
        begin, end = getattr(self, first), getattr(self, last)
        if begin is None or end is None or begin < end:
            return []
        return [FieldError(last, "range-empty")]

    def _digest_errors(self, name: str) -> list[FieldError]:
        digest = getattr(self, name)
        if digest is None or (len(digest) == _DIGEST and _HEX.fullmatch(digest)):
            return []
        return [FieldError(name, "digest-malformed")]


EVERYTHING = CertificateFilter()


def read_hex(unverified_text: str) -> str:
    """Return digits as they are stored: upper case, without spaces, colons and hyphens."""
    return re.sub(r"[\s:-]", "", unverified_text).upper()


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return ",".join(value) if isinstance(value, tuple) else str(value)
