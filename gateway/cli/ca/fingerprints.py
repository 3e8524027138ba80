"""Fingerprints as people type them from paper."""

import re

from foundation.errors import Invalid

_SHA256 = re.compile(r"[0-9A-F]{64}")


def read_fingerprint(unverified_text: str) -> str:
    """Return a SHA-256 in upper-case hex; spaces and colons are forgiven. Raises `Invalid`."""
    digits = re.sub(r"[\s:]", "", unverified_text).upper()
    if not _SHA256.fullmatch(digits):
        raise Invalid("fingerprint-malformed", field="root_fingerprint")
    return digits
