"""The few pieces of DER (ITU-T X.690) needed to put a signed structure together."""

_SEQUENCE = 0x30
_BIT_STRING = 0x03


def sequence(*elements: bytes) -> bytes:
    """Return a SEQUENCE of elements that are encoded already."""
    return _element(_SEQUENCE, b"".join(elements))


def bit_string(octets: bytes) -> bytes:
    """Return a BIT STRING of whole octets (no unused bits)."""
    return _element(_BIT_STRING, b"\x00" + octets)


def _element(tag: int, content: bytes) -> bytes:
    return bytes([tag]) + _length(len(content)) + content


def _length(length: int) -> bytes:
    # X.690 section 8.1.3; DER wants the shortest form (10.1).
    if length < 0x80:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets
