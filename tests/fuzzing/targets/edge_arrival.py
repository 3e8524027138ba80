"""What an edge writes in front of a request (RFC 9440): `Invalid`, or one reading of it."""

import base64
from collections.abc import Iterator
from ipaddress import ip_address

from foundation.errors import Invalid
from gateway.edge.link.arrival import (
    CLIENT_ADDRESS,
    CLIENT_CERT,
    CLIENT_PORT,
    DOOR,
    REQUEST_ID,
    Header,
    read_arrival,
    without_private,
)
from tests.fuzzing.target import Target


def examine(data: bytes) -> None:
    headers = _headers(data)
    public = without_private(headers)
    assert without_private(public) == public
    for name, _ in public:
        assert not name.lower().replace(b"_", b"-").startswith(b"client-cert")
    try:
        arrival = read_arrival(headers)
    except Invalid as refused:
        assert refused.code == "malformed-request"
        return
    address, port = arrival.client
    assert str(ip_address(address)) == address
    assert 0 < port < 65_536
    certificate = arrival.unverified_certificate
    if certificate is not None:
        # One spelling: what we would write is what was read.
        spelled = b":" + base64.b64encode(certificate) + b":"
        assert [value for name, value in headers if name == CLIENT_CERT] == [spelled]


def _headers(data: bytes) -> list[Header]:
    lines = (line.partition(b": ") for line in data.split(b"\n"))
    return [(name, value) for name, _, value in lines]


def seeds() -> Iterator[bytes]:
    portal = {DOOR: b"portal", CLIENT_ADDRESS: b"192.0.2.7", CLIENT_PORT: b"40001"}
    yield _written(portal)
    yield _written({**portal, CLIENT_CERT: b":MIIB:", REQUEST_ID: b"4f-1"})
    yield _written({**portal, CLIENT_ADDRESS: b"::ffff:192.0.2.7"})
    yield _written({**portal, CLIENT_ADDRESS: b"fe80::1%eth0", DOOR: b"pki"})
    yield _written({b"X_Certgate_Door": b"public", b"Forwarded": b"for=x"})


def _written(headers: dict[bytes, bytes]) -> bytes:
    return b"\n".join(name + b": " + value for name, value in headers.items())


TARGET = Target(
    examine,
    seeds,
    words=(DOOR, CLIENT_ADDRESS, CLIENT_PORT, CLIENT_CERT, REQUEST_ID, b": ", b"\n", b"public"),
    longest=1_024,
)
