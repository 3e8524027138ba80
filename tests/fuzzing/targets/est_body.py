"""Bodies of EST in base64 (RFC 8951 section 3.1): octets, or one of two refusals."""

import base64
from collections.abc import Iterator

from enrollment.est.encoding import LONGEST_REQUEST, read_body, write_body
from foundation.errors import Invalid
from tests.fuzzing.target import Target

_REFUSALS = {"est-body-not-base64", "payload-too-large"}


def examine(data: bytes) -> None:
    try:
        read = read_body(data)
    except Invalid as refused:
        assert refused.code in _REFUSALS
    else:
        assert read
        assert len(read) <= LONGEST_REQUEST
        assert read_body(write_body(read)) == read
    if data and len(write_body(data)) <= LONGEST_REQUEST:
        assert read_body(write_body(data)) == data


def seeds() -> Iterator[bytes]:
    yield base64.encodebytes(bytes(range(120)))
    yield b" MA\tAB\r\n"
    yield b"MAAB=MAAB="
    yield b"MAB="
    yield b"\xef\xbb\xbfMAAB"


TARGET = Target(examine, seeds, words=(b"=", b"\r\n", b" ", b"-", b"_"))
