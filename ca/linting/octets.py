"""The fields of a TBSCertificate as they are encoded (RFC 5280 section 4.1, X.690).

The library's parser says what a field means; a few rules are about how it is
written, which the parser forgives or forgets. This reader shares no code with
the builder (`ca.encoding.tbs`), so a mistake there does not hide here.
"""

from typing import NamedTuple

_SEQUENCE = 0x30
_INTEGER = 0x02
_BIT_STRING = 0x03
_VERSION = 0xA0
_EXTENSIONS = 0xA3
_FIELDS = (_VERSION, _INTEGER, *(_SEQUENCE,) * 5)


class TbsOctets(NamedTuple):
    """Each field with its tag and length, but `extensions`: the SEQUENCE inside its tag."""

    version: bytes
    serial_number: bytes
    algorithm: bytes
    issuer: bytes
    validity: bytes
    subject: bytes
    subject_public_key_info: bytes
    extensions: bytes


def split_tbs(tbs: bytes) -> TbsOctets:
    """Return the fields of a version 3 TBSCertificate; raises `ValueError` for anything else.

    Unique identifiers (section 4.1.2.8, which MUST NOT be used) are something else.
    """
    inside, end, _ = _content(tbs, 0, _SEQUENCE)
    if end != len(tbs):
        raise ValueError("octets follow the content")
    fields = []
    for tag in _FIELDS:
        _, after, _ = _content(tbs, inside, tag)
        fields.append(tbs[inside:after])
        inside = after
    start, after, _ = _content(tbs, inside, _EXTENSIONS)
    if after != end:
        raise ValueError("a field follows the extensions")
    return TbsOctets._make([*fields, tbs[start:after]])


def key_bits(subject_public_key_info: bytes) -> bytes:
    """Return the value of the BIT STRING, without the count of unused bits (section 4.1.2.7)."""
    inside, _, _ = _content(subject_public_key_info, 0, _SEQUENCE)
    _, after, _ = _content(subject_public_key_info, inside, _SEQUENCE)
    start, end, _ = _content(subject_public_key_info, after, _BIT_STRING)
    if end != len(subject_public_key_info) or subject_public_key_info[start] != 0:
        raise ValueError("the public key is no run of whole octets")
    return subject_public_key_info[start + 1 : end]


def fields(sequence: bytes) -> list[bytes]:
    """Return each element of a SEQUENCE with its tag and length; raises `ValueError`."""
    found = []
    position, end, _ = _content(sequence, 0, _SEQUENCE)
    while position < end:
        _, after, _ = _content(sequence, position)
        found.append(sequence[position:after])
        position = after
    return found


def elements(sequence: bytes) -> list[tuple[int, bytes]]:
    """Return (tag, value) of each element of a SEQUENCE."""
    found = []
    position, end, _ = _content(sequence, 0, _SEQUENCE)
    while position < end:
        start, after, tag = _content(sequence, position)
        found.append((tag, sequence[start:after]))
        position = after
    return found


def _content(octets: bytes, position: int, expected: int | None = None) -> tuple[int, int, int]:
    """Return where the value at `position` starts and ends, and its tag."""
    try:
        tag, length = octets[position], octets[position + 1]
    except IndexError:
        raise ValueError("an element is cut off") from None
    if expected is not None and tag != expected:
        raise ValueError(f"the tag {tag:02x} stands where {expected:02x} belongs")
    start = position + 2
    if length >= 0x80:
        count = length & 0x7F
        length = int.from_bytes(octets[start : start + count], "big")
        start += count
        # DER: the fewest octets, and never the indefinite form (X.690 section 10.1).
        if length < 0x80 or length < 1 << 8 * (count - 1):
            raise ValueError("a length is not in its shortest form")
    if start + length > len(octets):
        raise ValueError("an element is cut off")
    return start, start + length, tag
