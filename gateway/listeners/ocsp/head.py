"""The heads of OCSP requests in their usual form (RFC 9112 section 3, RFC 6960 appendix A).

Everything that is not plainly one of these is left to the HTTP server, so what
is read here is read the same way there. Clients repeat their head with each
question; what was read is remembered by its octets.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from ca.ocsp.request import LONGEST_REQUEST
from ca.ocsp.transport import decode_path
from foundation.web.requests import is_host_field

END_OF_HEAD = b"\r\n\r\n"
_BEGINNINGS = (b"POST /ocsp ", b"GET /ocsp/")
_LONGEST_HEAD = 8_192

_MOST_REMEMBERED = 1_024
_REQUEST_LINE = re.compile(rb"(POST /ocsp|GET /ocsp/([A-Za-z0-9+/=%]+)) HTTP/1\.([01])")
_HEADER = re.compile(rb"([A-Za-z0-9-]+):[ \t]*([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?[ \t]*")
_LENGTH = re.compile(rb"[0-9]{1,6}")
# What changes how a body is read, whether its parser keeps the connection
# (llhttp reads Proxy-Connection as Connection), or who may ask from a browser.
_FOR_THE_SERVER = frozenset(
    {
        b"transfer-encoding", b"expect", b"upgrade", b"trailer", b"te", b"proxy-connection",
        b"origin", b"sec-fetch-site",
    }
)  # fmt: skip
_ONCE = frozenset({b"host", b"content-length", b"connection", b"if-none-match"})


@dataclass(frozen=True, slots=True)
class OcspHead:
    """What a head says; `request` is there for a GET, `length` is that of a POST's body."""

    request: bytes | None
    length: int
    keeps_alive: bool
    if_none_match: str | None


def may_become_question(begun: bytes) -> bool:
    """Return whether a head that has not ended may be one of ours when it does."""
    if len(begun) > _LONGEST_HEAD:
        return False
    return any(begun.startswith(one) or one.startswith(begun) for one in _BEGINNINGS)


@lru_cache(_MOST_REMEMBERED)
def read_head(head: bytes) -> OcspHead | None:
    """Return what the head says, without its empty line; None when the server must read it."""
    if len(head) > _LONGEST_HEAD:
        return None
    first, *lines = head.split(b"\r\n")
    line = _REQUEST_LINE.fullmatch(first)
    headers = _read_headers(lines)
    if line is None or headers is None:
        return None
    is_current = line[3] == b"1"
    host = headers.get(b"host")
    if (is_current and host is None) or (host is not None and not is_host_field(host)):
        return None
    keeps_alive = _keeps_alive(headers.get(b"connection"), is_current)
    length = _length(headers.get(b"content-length"), is_post=line[2] is None)
    if keeps_alive is None or length is None:
        return None
    if_none_match = headers.get(b"if-none-match")
    return OcspHead(
        request=decode_path(unquote(line[2].decode("ascii"))) if line[2] is not None else None,
        length=length,
        keeps_alive=keeps_alive,
        if_none_match=if_none_match.decode("ascii") if if_none_match is not None else None,
    )


def _read_headers(lines: list[bytes]) -> dict[bytes, bytes] | None:
    headers: dict[bytes, bytes] = {}
    for line in lines:
        header = _HEADER.fullmatch(line)
        if header is None:
            return None
        name = header[1].lower()
        if name in _FOR_THE_SERVER or (name in _ONCE and name in headers):
            return None
        headers[name] = header[2] or b""
    return headers


def _keeps_alive(connection: bytes | None, is_current: bool) -> bool | None:
    """RFC 9112 section 9.3; HTTP/1.0 is answered and closed, whatever it wishes."""
    if connection is None:
        return is_current
    match connection.lower():
        case b"keep-alive":
            return is_current
        case b"close":
            return False
        case _:
            return None


def _length(content_length: bytes | None, *, is_post: bool) -> int | None:
    if content_length is None:
        return None if is_post else 0
    if not _LENGTH.fullmatch(content_length):
        return None
    length = int(content_length)
    return length if length <= (LONGEST_REQUEST if is_post else 0) else None
