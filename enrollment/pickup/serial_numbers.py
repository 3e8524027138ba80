"""Serial numbers as people type them from a slip."""

import unicodedata

from ca.errors import CertificateNotFound
from ca.serial_numbers import read_serial_number

# A serial number has 40 digits; whoever writes more, even with separators, means something else.
_LONGEST_INPUT = 120


def normalise_serial_number(unverified_serial_number: str) -> str | None:
    """Return the stored form, or None when it cannot be a serial number.

    Full-width digits of a Chinese keyboard are forgiven as well.
    """
    if len(unverified_serial_number) > _LONGEST_INPUT:
        return None
    try:
        return read_serial_number(unicodedata.normalize("NFKC", unverified_serial_number))
    except CertificateNotFound:
        return None
