"""Who gets through the handshake, and how their certificate arrives (design section 3)."""

import json
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import keys, pem
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.listeners.tls_context import TlsContext
from tests.integration.gateway.listeners.credentials import issuing, new_server
from tests.integration.gateway.listeners.doors import Echo, OpenDoor, client_context, wait_until
from tests.support.openssl import try_openssl
from tests.support.tls_credentials import Credential, make_root, pem_of, write_pem

ALERT_OR_NOTHING = (b"\x15", b"")  # RFC 8446 section 5.1
EXPIRED = (timedelta(days=-2), timedelta(days=-1))
NOT_YET = (timedelta(days=1), timedelta(days=2))

CREDENTIALS: dict[str, Callable[[], Credential]] = {
    "ours": lambda: issuing().issue("wh000123"),
    "expired": lambda: issuing().issue("wh000123", lifetime=EXPIRED),
    "not yet valid": lambda: issuing().issue("wh000123", lifetime=NOT_YET),
    "foreign": lambda: make_root("Foreign root").issue("wh000123"),
    "foreign, below an intermediate": lambda: (
        make_root("Foreign root").issue_ca("Foreign CA").issue("wh000123")
    ),
    "self-signed": lambda: make_root("wh000123"),
}


def pem_chain(credential: Credential) -> list[str]:
    return [one.public_bytes(Encoding.PEM).decode() for one in credential.chain]


@pytest.mark.parametrize("make", CREDENTIALS.values(), ids=CREDENTIALS.keys())
def test_any_certificate_whose_key_the_client_holds_arrives_unverified(
    portal: OpenDoor, echo: Echo, tmp_path: Path, make: Callable[[], Credential]
) -> None:
    credential = make()

    shown = json.loads(portal.get("/tls", client_context(credential.write(tmp_path))))

    assert shown == {
        "server_cert": None,
        "client_cert_chain": pem_chain(credential),
        "client_cert_name": None,
        "client_cert_error": None,
        "tls_version": 0x0304,
        "cipher_suite": None,
    }
    chain = echo.scopes[0]["extensions"]["tls"]["certgate_unverified_chain"]
    assert chain == tuple(one.public_bytes(Encoding.DER) for one in credential.chain)
    assert echo.scopes[0]["scheme"] == "https"


def test_a_client_without_a_certificate_is_served(portal: OpenDoor) -> None:
    shown = json.loads(portal.get("/tls", client_context()))

    assert shown["client_cert_chain"] == []
    assert shown["tls_version"] == 0x0304


def test_the_public_door_does_not_take_a_certificate(public: OpenDoor, tmp_path: Path) -> None:
    credential = issuing().issue("wh000123").write(tmp_path)

    assert json.loads(public.get("/tls", client_context(credential)))["client_cert_chain"] == []


def test_the_plain_door_tells_of_no_tls(plain: OpenDoor, echo: Echo) -> None:
    assert plain.get("/tls", None) == b"{}"
    assert echo.scopes[0]["scheme"] == "http"


def test_the_portal_names_the_issuer_it_wants_a_certificate_of(portal: OpenDoor) -> None:
    """RFC 8446 section 4.2.4; browsers offer the certificates of these issuers only."""
    answer = try_openssl("s_client", "-connect", f"127.0.0.1:{portal.port}", stdin=b"")

    _, _, names = answer.text.partition("Acceptable client certificate CA names\n")
    assert names.startswith("CN = Issuing CA\n")


def test_the_public_door_asks_for_no_certificate(public: OpenDoor) -> None:
    answer = try_openssl("s_client", "-connect", f"127.0.0.1:{public.port}", stdin=b"")

    assert "No client certificate CA names sent" in answer.text


def test_whoever_shows_a_certificate_without_holding_its_key_fails(
    portal: OpenDoor, echo: Echo, tmp_path: Path
) -> None:
    """RFC 8446 section 4.4.3: CertificateVerify proves possession of the key."""
    victim = issuing().issue("wh000123")
    context = client_context(write_pem(tmp_path, forged_key(victim) + pem_of(*victim.chain)))

    with portal.connected(context) as connection, pytest.raises(ssl.SSLError, match="ALERT"):
        # In TLS 1.3 a client only learns of it when it reads.
        connection.recv(1)

    assert echo.scopes == []
    portal.wait_until_empty()


def forged_key(victim: Credential) -> bytes:
    """Return a key file that claims the victim's public key over a private key of one's own."""
    own = ec.generate_private_key(ec.SECP256R1())
    der = own.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    forged = keys.ECPrivateKey.load(der)
    theirs = victim.private_key.private_bytes(
        Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    )
    forged["public_key"] = keys.ECPrivateKey.load(theirs)["public_key"].native
    encoded: bytes = pem.armor("EC PRIVATE KEY", forged.dump())
    return encoded


def test_a_certificate_that_no_parser_likes_arrives_as_it_is(
    portal: OpenDoor, echo: Echo, tmp_path: Path
) -> None:
    """Version 6 does not exist; OpenSSL takes it, and the verification will not."""
    credential = issuing().issue("wh000123")
    odd = credential.der.replace(bytes.fromhex("a003020102"), bytes.fromhex("a003020105"), 1)
    odd_pem = ssl.DER_cert_to_PEM_cert(odd).encode()
    file = write_pem(tmp_path, credential.key_pem + odd_pem)

    portal.get("/tls", client_context(file))

    assert echo.scopes[0]["extensions"]["tls"]["certgate_unverified_chain"] == (odd,)


@pytest.mark.parametrize(
    ("version", "answer"),
    [(ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")],
)
def test_the_public_door_speaks_tls_1_2_and_1_3(
    public: OpenDoor, version: ssl.TLSVersion, answer: str
) -> None:
    context = client_context()
    context.maximum_version = context.minimum_version = version

    with public.connected(context) as connection:
        assert connection.version() == answer
    assert public.get("/", context) == b"hello"


def test_the_portal_refuses_tls_1_2(portal: OpenDoor, echo: Echo) -> None:
    context = client_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
        portal.get("/", context)

    assert echo.scopes == []
    portal.wait_until_empty()


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_the_public_door_refuses_what_is_older(public: OpenDoor, version: str) -> None:
    """RFC 8996; security level 0 lets the command offer it at all."""
    answer = try_openssl(
        *("s_client", version, "-cipher", "ALL:@SECLEVEL=0"),
        *("-connect", f"127.0.0.1:{public.port}"),
    )

    assert answer.status != 0
    assert "alert protocol version" in answer.errors


@pytest.mark.parametrize("cipher", ["AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "AES128-GCM-SHA256"])
def test_the_public_door_refuses_suites_without_secrecy_or_aead(
    public: OpenDoor, cipher: str
) -> None:
    answer = try_openssl(
        *("s_client", "-tls1_2", "-cipher", cipher, "-connect", f"127.0.0.1:{public.port}")
    )

    assert answer.status != 0
    assert "handshake failure" in answer.errors


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [(["h2", "http/1.1"], "http/1.1"), (["http/1.1"], "http/1.1"), (["h2"], None), ([], None)],
    ids=str,
)
def test_alpn_chooses_http_1_1_or_nothing(
    tls_door: OpenDoor, offered: list[str], chosen: str | None
) -> None:
    context = client_context()
    if offered:
        context.set_alpn_protocols(offered)

    with tls_door.connected(context) as connection:
        assert connection.selected_alpn_protocol() == chosen
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 200"


def test_a_renewed_certificate_is_served_to_new_connections(tls_door: OpenDoor) -> None:
    context = client_context()
    tls: TlsContext | None = tls_door.tls
    assert tls is not None
    renewed = new_server()
    with tls_door.client(context) as client:
        client.request("GET", "/")
        client.getresponse().read()
        tls.renew(renewed.chain, renewed.private_key)

        with tls_door.connected(context) as connection:
            assert connection.getpeercert(binary_form=True) == renewed.der
        # The connection from before goes on.
        client.request("GET", "/")
        assert client.getresponse().read() == b"hello"


@pytest.mark.parametrize(
    "garbage",
    [b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\x00" * 70_000,
     b"\x00" * 1_000, b"\x16\x03\x01\x00\x05hello"],
    ids=["plain http", "endless record", "zeros", "short record"],
)  # fmt: skip
def test_garbage_instead_of_a_handshake_ends_the_connection_and_nothing_else(
    tls_door: OpenDoor, echo: Echo, garbage: bytes
) -> None:
    with tls_door.connect() as connection, suppress(ConnectionResetError):
        connection.sendall(garbage)
        assert connection.recv(1) in ALERT_OR_NOTHING

    assert tls_door.get("/", client_context()) == b"hello"
    assert len(echo.scopes) == 1
    tls_door.wait_until_empty()


def test_a_handshake_may_be_slow_and_keeps_nobody_waiting(tls_door: OpenDoor) -> None:
    """The client's first flight arrives octet by octet, while others are served."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with tls_door.connect() as connection:
        while True:
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                for octet in outgoing.read():
                    connection.sendall(bytes([octet]))
                assert tls_door.get("/", client_context()) == b"hello"
                incoming.write(connection.recv(65_536))
        client.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.sendall(outgoing.read())
        answer = b""
        while not answer.endswith(b"hello"):
            try:
                answer += client.read()
            except ssl.SSLWantReadError:
                incoming.write(connection.recv(65_536))


def test_whoever_leaves_during_the_handshake_leaves_nothing_behind(tls_door: OpenDoor) -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    hello = outgoing.read()
    for count in (0, 1, len(hello) // 2, len(hello)):
        with tls_door.connect() as connection:
            connection.sendall(hello[:count])

    wait_until(lambda: tls_door.open_count == 0)
    assert tls_door.get("/", client_context()) == b"hello"
