"""Messages on a stream: two lengths, a header, a body.

``uint32 header length, uint32 body length`` (big-endian), then both. Lengths
are looked at before anything is read, so that no peer makes the other allocate
more than its act needs.
"""

import socket
import struct
from collections.abc import Callable

from ca.signer.messages import NotUnderstood

_LENGTHS = struct.Struct(">II")
_LONGEST_HEADER = 32_768
_CHUNK = 1 << 20


def send_frame(connection: socket.socket, header: bytes, body: bytes = b"") -> None:
    """Send one message; raises `OSError`."""
    connection.sendall(_LENGTHS.pack(len(header), len(body)) + header)
    if body:
        connection.sendall(body)


def receive_frame(
    connection: socket.socket, longest_body: Callable[[bytes], int]
) -> tuple[bytes, bytes] | None:
    """Return header and body, or None when the peer has ended between two messages.

    `longest_body` says from the header how many octets may follow; it may
    raise `NotUnderstood`. Raises `NotUnderstood` for more than that and for a
    message that breaks off, and `OSError`.
    """
    prefix = _receive(connection, _LENGTHS.size, may_end=True)
    if prefix is None:
        return None
    header_length, body_length = _LENGTHS.unpack(prefix)
    if not 0 < header_length <= _LONGEST_HEADER:
        raise NotUnderstood("the header is too long")
    header = _receive_all(connection, header_length)
    if body_length > longest_body(header):
        raise NotUnderstood("the body is too long")
    return header, _receive_all(connection, body_length)


def _receive_all(connection: socket.socket, octets: int) -> bytes:
    received = _receive(connection, octets, may_end=False)
    assert received is not None
    return received


def _receive(connection: socket.socket, octets: int, *, may_end: bool) -> bytes | None:
    received = bytearray()
    while len(received) < octets:
        chunk = connection.recv(min(_CHUNK, octets - len(received)))
        if not chunk:
            if may_end and not received:
                return None
            raise NotUnderstood("the message breaks off")
        received += chunk
    return bytes(received)
