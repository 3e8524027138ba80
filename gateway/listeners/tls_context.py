"""Server-side TLS for asyncio on pyOpenSSL instead of the standard library.

Why not `ssl`: it refuses a client certificate it cannot verify by tearing the
handshake down, so that the person in front of the browser sees an error code
and never a page; and it cannot switch resumption off. Here the handshake
accepts whatever certificate the client proves to hold the key of, and the
gateway verifies it before the request is looked at (`ca.verification`), where
a failure has a text. docs/decisions/0006-tls-on-pyopenssl.md has the rest.

The context is duck-typed to what `asyncio.sslproto` uses of `ssl.SSLContext`.
"""

import ssl
from collections.abc import Callable, Sequence
from typing import Any, cast

import structlog
from cryptography import x509
from OpenSSL import SSL

from ca.key_types import EndEntityPrivateKey
from gateway.listeners.tls_connection import OnHandshake, TlsConnection, unheard

FindStaple = Callable[[x509.Certificate], bytes]

_LOG = structlog.get_logger(__name__)
_SESSION_CONTEXT = b"certgate"
_ALPN_HTTP_1_1 = b"http/1.1"


class TlsContext:
    """What every connection of one listener shares."""

    def __init__(
        self,
        chain: Sequence[x509.Certificate],
        private_key: EndEntityPrivateKey,
        *,
        ask_for_certificate_of: Sequence[x509.Certificate] = (),
        demand_certificate: bool = False,
        find_staple: FindStaple | None = None,
        on_handshake: OnHandshake = unheard,
    ) -> None:
        """Serve `chain` (leaf first) with `private_key`.

        With `ask_for_certificate_of`, clients are asked for a certificate and
        told the names of these issuers (RFC 8446 4.2.4, `certificate_authorities`);
        they may answer with none, unless `demand_certificate`. The certificate
        is **not** verified here beyond the proof of possession that TLS itself
        demands.

        `find_staple` returns the OCSP answer that lies ready about the leaf, or
        no octets; it is called in the handshake and must not wait.
        `on_handshake` hears how each one ended: `done` or `failed`.
        """
        self._find_staple = find_staple
        self._on_handshake = on_handshake
        self._demands_certificate = demand_certificate
        self._asked_issuers = tuple(ask_for_certificate_of)
        self._context = self._make_context(chain, private_key)

    def renew(
        self,
        chain: Sequence[x509.Certificate],
        private_key: EndEntityPrivateKey,
        *,
        ask_for_certificate_of: Sequence[x509.Certificate] = (),
    ) -> None:
        """Serve another certificate from the next connection on.

        A listener that asks for certificates asks for those of other issuers
        when it is told so.
        """
        if self._asked_issuers and ask_for_certificate_of:
            self._asked_issuers = tuple(ask_for_certificate_of)
        self._context = self._make_context(chain, private_key)

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | None = None,
    ) -> TlsConnection:
        """Return one connection between two memory buffers, as `ssl.SSLContext` does."""
        if not server_side:
            raise ValueError("this context only serves")
        connection = SSL.Connection(self._context, None)
        return TlsConnection(connection, incoming, outgoing, self._on_handshake)

    def as_asyncio_context(self) -> ssl.SSLContext:
        """Return this context under the type that `asyncio` and uvicorn annotate."""
        return cast(ssl.SSLContext, self)

    def _make_context(
        self, chain: Sequence[x509.Certificate], private_key: EndEntityPrivateKey
    ) -> SSL.Context:
        context = _base_context(chain, private_key)
        if self._asked_issuers:
            _ask_for_certificate(context, self._asked_issuers, self._demands_certificate)
        if self._find_staple is not None:
            _staple(context, chain[0], self._find_staple)
        return context


def _staple(context: SSL.Context, leaf: x509.Certificate, find_staple: FindStaple) -> None:
    def present(*_: object) -> bytes:
        try:
            return find_staple(leaf)
        except Exception:
            # Without a staple clients ask by themselves; an error here would
            # be an alert to every one of them.
            _LOG.exception("staple_failed")
            return b""

    context.set_ocsp_server_callback(present)


def _ask_for_certificate(
    context: SSL.Context, issuers: Sequence[x509.Certificate], demand: bool
) -> None:
    # A warm TLS 1.2 session could skip the certificate, and session-ID
    # resumption cannot be told apart afterwards: TLS 1.3 only (design.md 3).
    context.set_min_proto_version(SSL.TLS1_3_VERSION)
    for issuer in issuers:
        context.add_client_ca(issuer)
    # VERIFY_PEER asks; the callback takes what comes, verification follows
    # in the gateway. Without FAIL_IF_NO_PEER_CERT a client may have none.
    mode = SSL.VERIFY_PEER | (SSL.VERIFY_FAIL_IF_NO_PEER_CERT if demand else 0)
    context.set_verify(mode, lambda *_: True)
    context.set_verify_depth(4)


def _base_context(
    chain: Sequence[x509.Certificate], private_key: EndEntityPrivateKey
) -> SSL.Context:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_options(
        SSL.OP_NO_TICKET
        | SSL.OP_NO_COMPRESSION
        | SSL.OP_NO_RENEGOTIATION
        | SSL.OP_CIPHER_SERVER_PREFERENCE
    )
    # Resumption skips the client's certificate (RFC 8446 2.2): no session is
    # kept here, and none is sealed into a ticket (OP_NO_TICKET). In TLS 1.3
    # that leaves tickets which are mere numbers of sessions kept nowhere.
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_session_id(_SESSION_CONTEXT)
    # TLS 1.2 with forward secrecy and AEAD only; TLS 1.3 suites are all fine.
    context.set_cipher_list(b"ECDHE+AESGCM:ECDHE+CHACHA20")
    context.set_alpn_select_callback(_select_http)
    leaf, *rest = chain
    context.use_certificate(leaf)
    for certificate in rest:
        context.add_extra_chain_cert(certificate)
    context.use_privatekey(private_key)
    context.check_privatekey()
    return context


def _select_http(_: SSL.Connection, offered: list[bytes]) -> Any:
    return _ALPN_HTTP_1_1 if _ALPN_HTTP_1_1 in offered else SSL.NO_OVERLAPPING_PROTOCOLS
