"""The few pieces of DER (ITU-T X.690) needed to put signed structures together."""

from datetime import datetime
from functools import lru_cache

_BOOLEAN = 0x01
_INTEGER = 0x02
_BIT_STRING = 0x03
_OCTET_STRING = 0x04
_OBJECT_IDENTIFIER = 0x06
_ENUMERATED = 0x0A
_UTC_TIME = 0x17
_GENERALIZED_TIME = 0x18
SEQUENCE = 0x30
_CONTEXT = 0x80
_CONSTRUCTED = 0x20

TRUE = bytes([_BOOLEAN, 1, 0xFF])


def element(tag: int, content: bytes) -> bytes:
    """Return tag (one octet), length and content."""
    return header(tag, len(content)) + content


@lru_cache(maxsize=4096)
def header(tag: int, length: int) -> bytes:
    """Return tag (one octet) and length of an element whose content stands elsewhere."""
    return bytes([tag]) + _length(length)


def sequence(*elements: bytes) -> bytes:
    """Return a SEQUENCE of elements that are encoded already."""
    return element(SEQUENCE, b"".join(elements))


def explicit(number: int, content: bytes) -> bytes:
    """Return encoded content inside the context tag [`number`] EXPLICIT."""
    return element(_CONTEXT | _CONSTRUCTED | number, content)


def implicit(number: int, content: bytes) -> bytes:
    """Return raw primitive content under the context tag [`number`] IMPLICIT."""
    return element(_CONTEXT | number, content)


def bit_string(octets: bytes) -> bytes:
    """Return a BIT STRING of whole octets (no unused bits)."""
    return element(_BIT_STRING, b"\x00" + octets)


def octet_string(octets: bytes) -> bytes:
    """Return an OCTET STRING."""
    return element(_OCTET_STRING, octets)


def integer(value: int) -> bytes:
    """Return an INTEGER in the fewest octets (X.690 section 8.3.2)."""
    octets = (value if value >= 0 else ~value).bit_length() // 8 + 1
    return element(_INTEGER, value.to_bytes(octets, "big", signed=True))


@lru_cache(maxsize=256)
def object_identifier(dotted: str) -> bytes:
    """Return an OBJECT IDENTIFIER of at least two arcs (X.690 section 8.19)."""
    first, second, *others = map(int, dotted.split("."))
    return element(_OBJECT_IDENTIFIER, b"".join(map(_arc, (first * 40 + second, *others))))


def enumerated(value: int) -> bytes:
    """Return an ENUMERATED of one octet, 0 to 127."""
    return element(_ENUMERATED, bytes([value]))


@lru_cache(maxsize=1024)
def generalized_time(moment: datetime) -> bytes:
    """Return a GeneralizedTime in UTC and whole seconds (RFC 5280 section 4.1.2.5.2).

    `moment` is aware and in UTC; parts of a second are cut off.
    """
    # Formatted here: strftime drops the zeros of early years on some systems.
    text = (
        f"{moment.year:04}{moment.month:02}{moment.day:02}"
        f"{moment.hour:02}{moment.minute:02}{moment.second:02}Z"
    )
    return element(_GENERALIZED_TIME, text.encode("ascii"))


def time(moment: datetime) -> bytes:
    """Return a Time (RFC 5280 section 4.1.2.5): UTCTime through 2049, then GeneralizedTime.

    `moment` is aware and in UTC; parts of a second are cut off.
    """
    if moment.year >= 2050:
        return generalized_time(moment)
    text = (
        f"{moment.year % 100:02}{moment.month:02}{moment.day:02}"
        f"{moment.hour:02}{moment.minute:02}{moment.second:02}Z"
    )
    return element(_UTC_TIME, text.encode("ascii"))


def _arc(number: int) -> bytes:
    # Base 128, the highest bit set in all octets but the last.
    octets = [number & 0x7F]
    while number := number >> 7:
        octets.append(0x80 | number & 0x7F)
    return bytes(reversed(octets))


def _length(length: int) -> bytes:
    # X.690 section 8.1.3; DER wants the shortest form (10.1).
    if length < 0x80:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets
