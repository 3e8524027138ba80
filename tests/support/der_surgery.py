"""Replacing one element of a DER structure by another, with every length around it repaired."""


def replace_element(tbs: bytes, old: bytes, new: bytes) -> bytes:
    """Return the octets with one element replaced by one of another length, lengths repaired."""
    start = tbs.index(old)
    return _rewrap(tbs, start, old, new)


def _rewrap(octets: bytes, start: int, old: bytes, new: bytes) -> bytes:
    """Replace `old` at `start` inside one element, and write that element's length anew."""
    tag, length = octets[0], octets[1]
    header = 2 + (length & 0x7F if length >= 0x80 else 0)
    content, position = octets[header:], 0
    place = start - header
    if content[place : place + len(old)] == old and _begins_element(content, place):
        return _element(tag, content[:place] + new + content[place + len(old) :])
    while True:
        size = _size(content, position)
        if position <= place < position + size:
            inner = _rewrap(content[position : position + size], place - position, old, new)
            return _element(tag, content[:position] + inner + content[position + size :])
        position += size


def _begins_element(content: bytes, place: int) -> bool:
    position = 0
    while position < place:
        position += _size(content, position)
    return position == place


def _size(content: bytes, position: int) -> int:
    length = content[position + 1]
    if length < 0x80:
        return 2 + length
    count = length & 0x7F
    return 2 + count + int.from_bytes(content[position + 2 : position + 2 + count], "big")


def _element(tag: int, content: bytes) -> bytes:
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    octets = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content
