"""OCSP questions as they stand on the wire, and the responses to them (RFC 9112, RFC 6960)."""

from functools import lru_cache
from typing import NamedTuple

from ca.ocsp.answers import Answer
from ca.ocsp.http_headers import OCSP_MEDIA_TYPE, get_headers, is_known_to_asker, post_headers
from gateway.listeners.ocsp.head import END_OF_HEAD, OcspHead, may_become_question, read_head

_TYPE = f"content-type: {OCSP_MEDIA_TYPE}\r\nx-content-type-options: nosniff\r\n".encode()
_POST_HEADERS = "".join(f"{name}: {value}\r\n" for name, value in post_headers()).encode()


class Question(NamedTuple):
    """One whole question and what followed it on the wire."""

    head: OcspHead
    request: bytes
    rest: bytes


class PartOfQuestion(Exception):
    """It begins as an OCSP client's, and there is more to come."""


def read_question(data: bytes) -> Question | None:
    """Return the question that `data` begins with, or None when it is for the HTTP server.

    Raises `PartOfQuestion`.
    """
    end = data.find(END_OF_HEAD)
    if end < 0:
        if may_become_question(data):
            raise PartOfQuestion
        return None
    head = read_head(data[:end])
    if head is None:
        return None
    start = end + len(END_OF_HEAD)
    if head.request is not None:
        return Question(head, head.request, data[start:])
    stop = start + head.length
    if len(data) < stop:
        raise PartOfQuestion
    return Question(head, data[start:stop], data[stop:])


def write_response(
    head: OcspHead, answer: Answer, server_headers: tuple[tuple[bytes, bytes], ...]
) -> bytes:
    """Return the response; always 200: what went wrong stands inside (RFC 6960 appendix A)."""
    date = _in_lines(server_headers)
    if head.request is None:
        headers = _POST_HEADERS
    else:
        headers = b"".join(f"{name}: {value}\r\n".encode() for name, value in get_headers(answer))
        if is_known_to_asker(answer, head.if_none_match):
            return b"HTTP/1.1 304 Not Modified\r\n%b%b%b\r\n" % (date, headers, _end_of(head))
    return b"HTTP/1.1 200 OK\r\n%b%b%b%bcontent-length: %d\r\n\r\n%b" % (
        date, _TYPE, headers, _end_of(head), len(answer.der), answer.der,
    )  # fmt: skip


def _end_of(head: OcspHead) -> bytes:
    return b"" if head.keeps_alive else b"connection: close\r\n"


@lru_cache(8)
def _in_lines(headers: tuple[tuple[bytes, bytes], ...]) -> bytes:
    # The date among them changes once a second.
    return b"".join(b"%b: %b\r\n" % header for header in headers)
