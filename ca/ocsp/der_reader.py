"""Reading DER strictly (ITU-T X.690 section 10): one encoding for each content.

Small on purpose: what an OCSP request is made of, and nothing else. Lengths in
the shortest definite form, tags of one octet.
"""

from ca.ocsp.refusal import Malformed

SEQUENCE = 0x30
INTEGER = 0x02
OCTET_STRING = 0x04
BOOLEAN = 0x01
OBJECT_IDENTIFIER = 0x06

_LONGEST_LENGTH = 4
_HIGH_TAG = 0x1F


class DerReader:
    """Reads the elements of one stretch of octets, one after the other."""

    __slots__ = ("_at", "_end", "_octets")

    def __init__(self, octets: bytes, start: int = 0, end: int | None = None) -> None:
        self._octets = octets
        self._at = start
        self._end = len(octets) if end is None else end

    def is_at_end(self) -> bool:
        """Return whether everything has been read."""
        return self._at == self._end

    @property
    def position(self) -> int:
        """Return how many octets, from the very first, have been read."""
        return self._at

    def peek(self) -> int:
        """Return the tag of the next element, or -1 at the end."""
        return self._octets[self._at] if self._at < self._end else -1

    def enter(self, tag: int) -> "DerReader":
        """Return a reader of the content of the next element; raises `Malformed`."""
        start = self._skip_head(tag)
        return DerReader(self._octets, start, self._at)

    def content(self, tag: int) -> bytes:
        """Return the content of the next element; raises `Malformed`."""
        start = self._skip_head(tag)
        return self._octets[start : self._at]

    def skip(self) -> None:
        """Pass over the next element, whatever its tag; raises `Malformed`."""
        tag = self.peek()
        if tag & _HIGH_TAG == _HIGH_TAG:
            raise Malformed
        self._skip_head(tag)

    def integer(self) -> int:
        """Return the next INTEGER, encoded in the fewest octets; raises `Malformed`."""
        content = self.content(INTEGER)
        if not content:
            raise Malformed
        if len(content) > 1 and content[0] in (0x00, 0xFF) and content[0] >> 7 == content[1] >> 7:
            raise Malformed
        return int.from_bytes(content, "big", signed=True)

    def finish(self) -> None:
        """Raise `Malformed` unless everything has been read."""
        if self._at != self._end:
            raise Malformed

    def _skip_head(self, tag: int) -> int:
        """Return where the content of the next element begins; move behind its end."""
        octets, at, end = self._octets, self._at, self._end
        if end - at < 2 or octets[at] != tag:
            raise Malformed
        length = octets[at + 1]
        start = at + 2
        if length >= 0x80:
            count = length & 0x7F
            start += count
            # 0x80 is the indefinite form, which DER forbids.
            if not 1 <= count <= _LONGEST_LENGTH or start > end:
                raise Malformed
            length = int.from_bytes(octets[at + 2 : start], "big")
            if length < 0x80 or length.bit_length() <= 8 * (count - 1):
                raise Malformed
        if length > end - start:
            raise Malformed
        self._at = start + length
        return start
