"""Reading the entries of a signed CRL one after another, in flat memory.

Written against X.690 and RFC 5280 section 5.1 alone and sharing nothing with
the code that writes CRLs: it is what the publication gate believes. Whoever
uses it has had the whole parsed by the library, which proves the structure.
"""

from collections.abc import Iterator

_INTEGER, _ENUMERATED, _OCTETS, _SEQUENCE = 0x02, 0x0A, 0x04, 0x30
_TIMES = (0x17, 0x18)
_REASON_CODE = bytes.fromhex("0603551d15")


class NotReadable(ValueError):
    """The octets are not a CRL in DER."""


def entries_of(
    der: bytes, start: int | None = None, stop: int | None = None
) -> Iterator[tuple[int, bytes, int, int]]:
    """Yield (length of the serial number, its octets, start, end) of each entry.

    Of all, or of those from `start` to `stop`, where entries begin. The first
    two sort as the number does: of two positive INTEGERs in DER the longer one
    is larger (X.690 section 8.3). Raises `NotReadable`.
    """
    if start is None or stop is None:
        start, stop = revoked_certificates(der)
    position = start
    # The loop runs a million times: it looks at octets itself.
    while position < stop:
        if der[position] != _SEQUENCE:
            raise NotReadable("an entry is not a SEQUENCE")
        length = der[position + 1]
        if length < 0x80:
            body = position + 2
            end = body + length
        else:
            body, end = _content(der, position)
        size = der[body + 1]
        if der[body] != _INTEGER or not 0 < size <= 21 or end > stop:
            raise NotReadable("an entry has no serial number")
        yield size, der[body + 2 : body + 2 + size], position, end
        position = end


def signed_part(der: bytes) -> tuple[int, int]:
    """Return where the TBSCertList begins and ends, with its own tag and length."""
    start, _ = _expect(der, 0, _SEQUENCE)
    return start, _expect(der, start, _SEQUENCE)[1]


def algorithms_of(der: bytes) -> tuple[bytes, bytes]:
    """Return the AlgorithmIdentifiers inside and outside of what is signed."""
    start, after = signed_part(der)
    inside, _ = _expect(der, start, _SEQUENCE)
    if der[inside] == _INTEGER:
        _, inside = _content(der, inside)  # version
    return (
        der[inside : _expect(der, inside, _SEQUENCE)[1]],
        der[after : _expect(der, after, _SEQUENCE)[1]],
    )


def reason_code(der: bytes, start: int, end: int) -> int | None:
    """Return the CRLReason of the entry from `start` to `end`, None when it has none."""
    position, stop = _content(der, start)
    _, position = _content(der, position)  # userCertificate
    _, position = _content(der, position)  # revocationDate
    if position == stop:
        return None
    position, stop = _expect(der, position, _SEQUENCE)
    while position < stop:
        inner, after = _expect(der, position, _SEQUENCE)
        if der[inner : inner + len(_REASON_CODE)] == _REASON_CODE:
            value = inner + len(_REASON_CODE)
            if der[value] != _OCTETS:
                value = _content(der, value)[1]  # critical
            coded, _ = _expect(der, value, _OCTETS)
            number, number_end = _expect(der, coded, _ENUMERATED)
            return int.from_bytes(der[number:number_end], "big")
        position = after
    return None


def revoked_certificates(der: bytes) -> tuple[int, int]:
    """Return where the content of revokedCertificates begins and ends."""
    position, _ = _expect(der, 0, _SEQUENCE)  # CertificateList
    position, stop = _expect(der, position, _SEQUENCE)  # TBSCertList
    if der[position] == _INTEGER:
        _, position = _content(der, position)  # version
    _, position = _expect(der, position, _SEQUENCE)  # signature
    _, position = _expect(der, position, _SEQUENCE)  # issuer
    for _ in range(2):  # thisUpdate, nextUpdate
        if position < stop and der[position] in _TIMES:
            _, position = _content(der, position)
    if position < stop and der[position] == _SEQUENCE:
        return _content(der, position)
    return position, position


def _expect(der: bytes, position: int, tag: int) -> tuple[int, int]:
    if position >= len(der) or der[position] != tag:
        raise NotReadable("another element was expected")
    return _content(der, position)


def _content(der: bytes, position: int) -> tuple[int, int]:
    """Return where the content of the element at `position` begins and ends."""
    if position + 1 >= len(der):
        raise NotReadable("an element is cut short")
    length = der[position + 1]
    begin = position + 2
    if length >= 0x80:
        octets = length & 0x7F
        if not 1 <= octets <= 4:
            raise NotReadable("a length is not one of DER")
        length = int.from_bytes(der[begin : begin + octets], "big")
        begin += octets
    end = begin + length
    if end > len(der):
        raise NotReadable("an element is cut short")
    return begin, end
