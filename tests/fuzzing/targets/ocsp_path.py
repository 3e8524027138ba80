"""OCSP requests in the path of a GET (RFC 6960 appendix A.1): octets or none, and no others."""

import base64
from collections.abc import Iterator

from ca.ocsp.request import LONGEST_REQUEST
from ca.ocsp.transport import decode_path
from tests.fuzzing.target import Target


def examine(data: bytes) -> None:
    # Starlette decodes what is percent-encoded as UTF-8, ignoring what is none.
    path = data.decode("utf-8", "ignore")
    decoded = decode_path(path)
    assert len(decoded) <= LONGEST_REQUEST + 3
    if decoded:
        # One meaning: written again it is the same text, but for the padding.
        again = base64.b64encode(decoded).decode()
        assert _without_free_bits(again) == _without_free_bits(path)
    if len(data) <= LONGEST_REQUEST:
        assert decode_path(base64.b64encode(data).decode()) == data


def _without_free_bits(text: str) -> str:
    """Return the text without padding and without the character that has unused bits."""
    bare = text.rstrip("=")
    return bare[:-1] if len(bare) % 4 else bare


def seeds() -> Iterator[bytes]:
    yield from (b"", b"0", b"MA", b"MAoEAQ==", b"MA/+", b"====", b"%2F", b"MEMw QTA/")
    yield base64.b64encode(bytes(range(96)))


TARGET = Target(examine, seeds, words=(b"=", b"/", b"+", b"%2B", b"-", b"_"))
