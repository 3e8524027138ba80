"""One TLS connection on pyOpenSSL, in the shape that `asyncio.sslproto` drives.

asyncio moves octets between the socket and two `ssl.MemoryBIO`s; pyOpenSSL
keeps its own buffers inside `SSL.Connection`. Every call here that reads first
feeds what has arrived; every call drains what is to be sent, and translates
pyOpenSSL's exceptions into the standard library's.
"""

import ssl
from collections.abc import Callable
from typing import Any, TypeVar

from OpenSSL import SSL, crypto

T = TypeVar("T")
OnHandshake = Callable[[str], None]


def unheard(outcome: str) -> None:
    """Take how a handshake ended where nobody wants to know."""


_CHUNK = 65_536


class TlsConnection:
    """The `ssl.SSLObject` of one connection, as far as asyncio uses it."""

    def __init__(
        self,
        connection: SSL.Connection,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        on_handshake: OnHandshake = unheard,
    ) -> None:
        self._connection = connection
        self._incoming = incoming
        self._outgoing = outgoing
        self._end_of_input_told = False
        self._handshake_failure: ssl.SSLError | None = None
        self._on_handshake = on_handshake
        connection.set_accept_state()

    # --- what asyncio.sslproto calls

    def do_handshake(self) -> None:
        """Go on with the handshake; raises SSLWantReadError until it is done.

        A failure with an alert is raised one call later: asyncio drops what is
        to be sent when the handshake fails, and the client would never learn
        why (RFC 8446 section 6.2). Usually it then leaves by itself.
        """
        if self._handshake_failure is not None:
            raise self._handshake_failure
        self._feed()
        try:
            self._drive(self._connection.do_handshake)
            self._on_handshake("done")
        except ssl.SSLWantReadError:
            raise
        except ssl.SSLError as failed:
            self._on_handshake("failed")
            if not self._outgoing.pending:
                raise
            self._handshake_failure = failed
            raise ssl.SSLWantReadError from failed

    def read(self, count: int = _CHUNK, buffer: bytearray | None = None) -> int | bytes:
        """Read into `buffer` and return the count, or return up to `count` octets.

        0 or b"" means that the client has closed its side.
        """
        self._feed()
        try:
            if buffer is None:
                return self._drive(lambda: self._connection.recv(count))
            return self._drive(lambda: self._connection.recv_into(buffer, min(count, len(buffer))))
        except ssl.SSLZeroReturnError:
            return b"" if buffer is None else 0

    def write(self, data: bytes) -> int:
        """Encrypt `data` and return how much of it was taken.

        What has arrived stays where asyncio counts it: moved on at every
        write, an upload that nobody reads would fill the memory unseen.
        """
        if not data:
            return 0
        return self._drive(lambda: self._connection.send(data))

    def unwrap(self) -> None:
        """Say close_notify; raises SSLWantReadError until the client has said it too."""
        self._feed()
        if not self._drive(self._connection.shutdown):
            raise ssl.SSLWantReadError

    def getpeercert(self, binary_form: bool = False) -> bytes | dict[str, Any] | None:
        """Return the client's leaf certificate in DER, or None; it is unverified."""
        certificate = self._connection.get_peer_certificate()
        if certificate is None:
            return None
        return _der(certificate) if binary_form else {}

    def cipher(self) -> tuple[str, str, int] | None:
        """Return name, protocol version and secret bits of the cipher suite."""
        name = self._connection.get_cipher_name()
        version = self._connection.get_cipher_version()
        bits = self._connection.get_cipher_bits()
        if name is None or version is None or bits is None:
            return None
        return name, version, bits

    def compression(self) -> None:
        """Return None: compression is off (CRIME)."""

    # --- what the HTTP protocol asks for scope["extensions"]["tls"]

    def unverified_client_chain(self) -> list[bytes]:
        """Return the certificates the client sent in DER, leaf first; empty without one.

        TLS has proven that the client holds the leaf's key and nothing else.
        """
        # Not parsed here: OpenSSL takes certificates that cryptography refuses,
        # and an exception now would end in the log and not on a page.
        leaf = self._connection.get_peer_certificate()
        if leaf is None:
            return []
        der = [_der(certificate) for certificate in self._connection.get_peer_cert_chain() or []]
        leaf_der = _der(leaf)
        return der if der and der[0] == leaf_der else [leaf_der, *der]

    def protocol_version(self) -> int:
        """Return the version as on the wire: 0x0304 is TLS 1.3."""
        return self._connection.get_protocol_version()

    # --- plumbing

    def _drive(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except SSL.WantReadError as want:
            raise ssl.SSLWantReadError from want
        except SSL.ZeroReturnError as closed:
            raise ssl.SSLZeroReturnError from closed
        except SSL.SysCallError as ended:
            # The client went away without close_notify. HTTP/1.1 knows from its
            # own framing whether something is missing (RFC 9112 9.8).
            raise ssl.SSLZeroReturnError from ended
        except SSL.Error as failed:
            raise ssl.SSLError(_reason(failed)) from failed
        finally:
            self._drain()

    def _feed(self) -> None:
        data = self._incoming.read()
        while data:
            data = data[self._connection.bio_write(data) :]
        if self._incoming.eof and not self._end_of_input_told:
            self._end_of_input_told = True
            self._connection.bio_shutdown()

    def _drain(self) -> None:
        while True:
            try:
                self._outgoing.write(self._connection.bio_read(_CHUNK))
            except (SSL.WantReadError, SSL.ZeroReturnError, SSL.SysCallError):
                return


def _der(certificate: crypto.X509) -> bytes:
    return crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate)


def _reason(failed: SSL.Error) -> str:
    try:
        return str(failed.args[0][0][2])
    except (IndexError, TypeError):
        return "TLS failed"
