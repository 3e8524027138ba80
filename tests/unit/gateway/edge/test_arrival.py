"""What an edge says of a request is there once and well formed, or the request is refused."""

import pytest

from foundation.errors import Invalid
from gateway.edge.link.arrival import Header, read_arrival, without_private

TOLD: dict[bytes, bytes] = {
    b"x-certgate-door": b"portal",
    b"x-certgate-client-address": b"192.0.2.7",
    b"x-certgate-client-port": b"50123",
    b"x-certgate-request-id": b"edge-1:0a1b2c",
    b"client-cert": b":AAAA:",
}


def told(**changed: bytes | None) -> list[Header]:
    values = TOLD | {
        name.replace("_", "-").encode(): value
        for name, value in changed.items()
        if value is not None
    }
    left_out = {name.replace("_", "-").encode() for name, value in changed.items() if value is None}
    return [(b"host", b"localhost")] + [
        (name, value) for name, value in values.items() if name not in left_out
    ]


def test_an_arrival_is_read() -> None:
    arrival = read_arrival(told())
    assert arrival.door == "portal"
    assert arrival.client == ("192.0.2.7", 50123)
    assert arrival.unverified_certificate == b"\0\0\0"
    assert arrival.request_id == "edge-1:0a1b2c"


def test_a_client_need_not_have_a_certificate_nor_the_request_a_name() -> None:
    arrival = read_arrival(told(client_cert=None, x_certgate_request_id=None))
    assert arrival.unverified_certificate is None
    assert arrival.request_id is None


@pytest.mark.parametrize(
    ("told_address", "meant"),
    [
        (b"2001:db8::1", "2001:db8::1"),
        (b"2001:0DB8:0::1", "2001:db8::1"),
        (b"::ffff:192.0.2.7", "192.0.2.7"),
    ],
)
def test_one_client_has_one_address(told_address: bytes, meant: str) -> None:
    assert read_arrival(told(x_certgate_client_address=told_address)).client[0] == meant


@pytest.mark.parametrize(
    "headers",
    [
        told(x_certgate_door=None),
        told(x_certgate_door=b"Portal"),
        told(x_certgate_door=b"portal "),
        told(x_certgate_door=b"signer"),
        told(x_certgate_client_address=None),
        told(x_certgate_client_address=b""),
        told(x_certgate_client_address=b"192.0.2.7, 192.0.2.8"),
        told(x_certgate_client_address=b"192.0.2.7:80"),
        told(x_certgate_client_address=b"localhost"),
        told(x_certgate_client_address="１92.0.2.7".encode()),
        told(x_certgate_client_port=None),
        told(x_certgate_client_port=b"0"),
        told(x_certgate_client_port=b"65536"),
        told(x_certgate_client_port="５０".encode()),
        told(x_certgate_request_id=b""),
        told(x_certgate_request_id=b"a b"),
        told(x_certgate_request_id=b"a\r\nlevel=info"),
        told(x_certgate_request_id=b"a" * 129),
        told(client_cert=b"AAAA"),
        # No certificate is asked for at these doors.
        told(x_certgate_door=b"public"),
        told(x_certgate_door=b"pki"),
    ],
)
def test_what_is_missing_or_odd_is_refused(headers: list[Header]) -> None:
    with pytest.raises(Invalid, match="malformed-request"):
        read_arrival(headers)


@pytest.mark.parametrize("name", list(TOLD))
def test_what_is_there_twice_is_refused(name: bytes) -> None:
    with pytest.raises(Invalid, match="malformed-request"):
        read_arrival([*told(), (name, TOLD[name])])


@pytest.mark.parametrize(
    "name",
    [
        b"x-certgate-user",
        b"X-CertGate-Door",
        b"x_certgate_user",
        b"X_Certgate-User",
        b"client-cert",
        b"client_cert",
        b"client-cert-chain",
        b"x-ssl-client-cert",
        b"x_ssl_client_verify",
        b"forwarded",
        b"x-forwarded-for",
        b"X_FORWARDED_HOST",
    ],
)
def test_no_application_sees_what_only_an_edge_may_say(name: bytes) -> None:
    kept = [(b"host", b"localhost"), (b"cookie", b"a=b"), (b"x-form-token", b"c")]
    assert without_private([*kept, (name, b"x")]) == kept
