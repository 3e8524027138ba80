"""What comes over the signer's socket: `NotUnderstood`, the end, or a request within its bounds."""

import json
import socket
import struct
from collections.abc import Iterator

from ca.signer.frames import receive_frame
from ca.signer.messages import LONGEST_BODIES, NotUnderstood, read_answer, read_request
from tests.fuzzing.target import Target


def examine(data: bytes) -> None:
    theirs, ours = socket.socketpair()
    with theirs, ours:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        _read_to_the_end(ours)
    try:
        answer = read_answer(data)
    except NotUnderstood:
        return
    assert read_answer(answer.model_dump_json().encode()) == answer


def _read_to_the_end(connection: socket.socket) -> None:
    try:
        while (frame := receive_frame(connection, _longest_body)) is not None:
            header, body = frame
            request = read_request(header)
            assert len(body) <= LONGEST_BODIES[request.act]
            assert read_request(request.model_dump_json().encode()) == request
    except NotUnderstood:
        return


def _longest_body(header: bytes) -> int:
    return LONGEST_BODIES[read_request(header).act]


def seeds() -> Iterator[bytes]:
    key = "issuing-2-0123456789abcdef"
    requests: list[tuple[dict[str, object], bytes]] = [
        ({"act": "find_key", "key": key}, b""),
        ({"act": "create_key", "key": key, "algorithm": "ecdsa-p256"}, b""),
        ({"act": "sign_crl", "key": key}, b"\x30\x00"),
        ({"act": "sign_ocsp", "key": key}, b"\x30\x00"),
        (
            {
                "act": "sign_certificate", "key": key, "serial_number": "4142", "profile": "unit",
                "issuer": "issuing-2", "crl_shard": 5, "server_names": ["a.example"],
            },
            b"\x30\x00",
        ),
    ]  # fmt: skip
    everything = b""
    for header, body in requests:
        text = json.dumps(header).encode()
        frame = struct.pack(">II", len(text), len(body)) + text + body
        everything += frame
        yield frame
    yield everything
    yield b'{"verdict":"lint","rule":"x","problem":"y"}'


TARGET = Target(
    examine, seeds, words=(b'"act":', b'"sign_crl"', b"\x00\x00\x00\x00", b"\xff\xff\xff\xff")
)
