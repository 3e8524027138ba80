"""The TLS adapter between two memory buffers, as asyncio drives it."""

import ssl
from contextlib import suppress
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.listeners.tls_connection import TlsConnection
from gateway.listeners.tls_context import TlsContext
from tests.support.clock import NEW_YEAR

TLS_1_3 = 0x0304


class Pair:
    """A server of ours and a client of the standard library, without a network."""

    def __init__(self, context: TlsContext) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._client_incoming, self._client_outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.server: TlsConnection = context.wrap_bio(
            self.incoming, self.outgoing, server_side=True
        )
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname = False
        client.verify_mode = ssl.CERT_NONE
        self.client = client.wrap_bio(self._client_incoming, self._client_outgoing)

    def carry(self) -> None:
        """Move what either side has sent."""
        self.incoming.write(self._client_outgoing.read())
        self._client_incoming.write(self.outgoing.read())

    def shake_hands(self) -> None:
        for _ in range(3):
            for side in (self.client.do_handshake, self.server.do_handshake):
                with suppress(ssl.SSLWantReadError):
                    side()
                self.carry()


@pytest.fixture
def context() -> TlsContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NEW_YEAR)
        .not_valid_after(NEW_YEAR + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return TlsContext([certificate], key)


@pytest.fixture
def pair(context: TlsContext) -> Pair:
    pair = Pair(context)
    pair.shake_hands()
    return pair


def test_it_says_what_was_agreed(pair: Pair) -> None:
    assert pair.server.protocol_version() == TLS_1_3
    assert pair.server.cipher() == pair.client.cipher()
    assert pair.server.getpeercert() is None
    assert pair.server.unverified_client_chain() == []


def test_octets_go_both_ways(pair: Pair) -> None:
    assert pair.server.write(b"hello") == 5
    pair.client.write(b"world")
    pair.carry()

    assert pair.client.read() == b"hello"
    assert pair.server.read() == b"world"


def test_reading_into_a_buffer_fills_it_and_says_how_far(pair: Pair) -> None:
    pair.client.write(b"world")
    pair.carry()
    buffer = bytearray(3)

    assert pair.server.read(5, buffer) == 3
    assert buffer == b"wor"
    assert pair.server.read(1, buffer) == 1
    assert buffer == b"lor"


def test_nothing_to_read_wants_more(pair: Pair) -> None:
    with pytest.raises(ssl.SSLWantReadError):
        pair.server.read()


def test_writing_nothing_sends_nothing(pair: Pair) -> None:
    pair.outgoing.read()

    assert pair.server.write(b"") == 0
    assert pair.outgoing.pending == 0


def test_writing_leaves_what_arrived_where_asyncio_counts_it(pair: Pair) -> None:
    """Else an upload that nobody reads fills the memory while the answer goes out."""
    pair.client.write(b"x" * 10_000)
    pair.carry()
    waiting = pair.incoming.pending

    pair.server.write(b"hello")

    assert pair.incoming.pending == waiting > 10_000


def test_the_end_of_the_client_s_side_reads_as_nothing(pair: Pair) -> None:
    with pytest.raises(ssl.SSLWantReadError):
        pair.client.unwrap()
    pair.carry()

    assert pair.server.read() == b""
    assert pair.server.read(5, bytearray(5)) == 0
    pair.server.unwrap()
    pair.carry()
    pair.client.unwrap()


def test_a_torn_line_reads_as_the_end(pair: Pair) -> None:
    """HTTP/1.1 knows from its own framing what is missing (RFC 9112 section 9.8)."""
    pair.incoming.write_eof()

    assert pair.server.read() == b""


def test_unwrap_waits_for_the_client(pair: Pair) -> None:
    with pytest.raises(ssl.SSLWantReadError):
        pair.server.unwrap()
    pair.carry()
    assert pair.client.read() == b""


def test_a_forged_record_is_an_error(pair: Pair) -> None:
    pair.incoming.write(b"\x17\x03\x03\x00\x20" + b"x" * 32)

    with pytest.raises(ssl.SSLError, match=r"(?i)mac|decrypt"):
        pair.server.read()


def test_a_failing_handshake_first_hands_out_its_alert(context: TlsContext) -> None:
    pair = Pair(context)
    pair.incoming.write(b"\x16\x03\x01\x00\x05hello")

    with pytest.raises(ssl.SSLWantReadError):
        pair.server.do_handshake()
    assert pair.outgoing.read(1) == b"\x15"
    with pytest.raises(ssl.SSLError) as failed:
        pair.server.do_handshake()
    assert not isinstance(failed.value, ssl.SSLWantReadError)


def test_a_failing_handshake_without_an_alert_fails_at_once(context: TlsContext) -> None:
    pair = Pair(context)
    pair.incoming.write(b"GET / HTTP/1.1\r\n\r\n")

    with pytest.raises(ssl.SSLError, match="http request"):
        pair.server.do_handshake()


def test_the_context_only_serves(context: TlsContext) -> None:
    with pytest.raises(ValueError, match="serves"):
        context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")


def test_a_key_of_another_certificate_is_refused(context: TlsContext, pair: Pair) -> None:
    certificate = x509.load_der_x509_certificate(pair.client.getpeercert(binary_form=True) or b"")

    with pytest.raises(Exception, match=r"(?i)mismatch"):
        TlsContext([certificate], ec.generate_private_key(ec.SECP256R1()))
