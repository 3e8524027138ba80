"""Serial numbers (RFC 5280 section 4.1.2.2), in the form people type them.

Ten octets of which 78 bits are random. The first octet is 0x40 to 0x7F, so the
number is positive, never longer than 20 octets, and always 20 digits of
upper-case hex without a leading zero: five groups of four on the slip.
"""

import re

from ca.errors import CertificateNotFound
from foundation.randomness import Randomness

_OCTETS = 10
_HEX = re.compile(r"[0-9A-F]{1,40}")
_SHOWN = 40


def draw_serial_number(randomness: Randomness) -> str:
    """Return a new random serial number; its reservation proves it unique."""
    octets = bytearray(randomness.token(_OCTETS))
    octets[0] = 0x40 | octets[0] & 0x3F
    return octets.hex().upper()


def serial_number_of(number: int) -> str:
    """Return the form of a certificate's serial number that is stored and shown."""
    return f"{number:X}"


def read_serial_number(unverified_text: str) -> str:
    """Return the stored form of a number that somebody typed.

    Spaces, colons and hyphens between digits and lower case are forgiven.
    Raises `CertificateNotFound`, because no certificate has such a number.
    """
    text = re.sub(r"[\s:-]", "", unverified_text).upper().lstrip("0")
    if not _HEX.fullmatch(text):
        raise CertificateNotFound(unverified_text[:_SHOWN])
    return text
