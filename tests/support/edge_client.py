"""A client of an edge, with or without a certificate; and the tokens a node would make."""

import base64
import hashlib
import http.client
import json
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from cryptography import x509
from joserfc import jwt
from joserfc.jwk import OctKey

from foundation.clock import SystemClock
from tests.support.tls_credentials import HOST, Credential, pem_of

WAIT_SECONDS = 20
KEY_NAME = "k1"
SECRET = "b5w3fXqWl0yV8zQm1tJcR2nA7uEoKdHs4iGgYpLxT6M"
ASSERTION = "header.assertion.signature"


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    # Each Set-Cookie line as it came.
    cookie_lines: tuple[str, ...] = ()

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def request_id(self) -> str:
        """The identifier under which the log has the request, when the edge refused it."""
        return self.headers["x-request-id"]


class Certified(Protocol):
    """Whatever has a certificate."""

    @property
    def certificate(self) -> x509.Certificate:
        """It."""
        ...


class Trusted(Protocol):
    """Whom a client believes, and where it may write its files."""

    @property
    def folder(self) -> Path:
        """A folder of its own."""
        ...

    @property
    def root(self) -> Certified:
        """The root."""
        ...


@dataclass(frozen=True)
class Client:
    """Somebody in front of one door."""

    pki: Trusted
    port: int
    credential: Credential | None = None
    host: str = HOST
    decoys: tuple[x509.Certificate, ...] = ()
    address: str = "127.0.0.1"

    def context(self) -> ssl.SSLContext:
        """Return TLS as this client wants it."""
        root = pem_of(self.pki.root.certificate).decode()
        context = ssl.create_default_context(cadata=root)
        if self.credential is not None:
            context.load_cert_chain(self.credential.write(self.pki.folder, *self.decoys))
        return context

    def connect(self, *, names_host: bool = True) -> http.client.HTTPConnection:
        """Return a connection that is kept alive; the caller closes it."""
        context = self.context()
        context.check_hostname = names_host
        connection = _ToAddress(self.host, self.port, context, self.address)
        connection.connect()
        return connection

    def ask(
        self,
        path: str = "/",
        method: str = "GET",
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        cookies: Mapping[str, str] | None = None,
    ) -> Answered:
        """Return the answer to one request on a connection of its own."""
        connection = self.connect()
        try:
            return ask_on(connection, path, method, headers=headers, body=body, cookies=cookies)
        finally:
            connection.close()

    def send(self, raw: bytes) -> bytes:
        """Send octets that no library would send; return what came until the end."""
        connection = self.connect()
        assert connection.sock is not None
        try:
            connection.sock.sendall(raw)
            received = b""
            while data := connection.sock.recv(65_536):
                received += data
        finally:
            connection.close()
        return received


class _ToAddress(http.client.HTTPConnection):
    """Any host name leads to one address; SNI and Host are that name."""

    default_port = http.client.HTTPS_PORT

    def __init__(self, host: str, port: int, context: ssl.SSLContext, address: str) -> None:
        super().__init__(host, port, timeout=WAIT_SECONDS)
        self._tls = context
        self._address = address

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), WAIT_SECONDS)
        name = self.host if self._tls.check_hostname else None
        self.sock = self._tls.wrap_socket(plain, server_hostname=name)


def ask_on(
    connection: http.client.HTTPConnection,
    path: str = "/",
    method: str = "GET",
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    cookies: Mapping[str, str] | None = None,
) -> Answered:
    """Return the answer to one request on this connection."""
    sent = dict(headers or {})
    if cookies:
        sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    # Whoever is refused while he still sends reads why (RFC 9112 section 9.5).
    with suppress(ConnectionError, ssl.SSLEOFError):
        connection.request(method, path, body=body, headers=sent)
    response = connection.getresponse()
    received = {name.lower(): value for name, value in response.getheaders()}
    cookie_lines = tuple(response.headers.get_all("set-cookie", ()))
    return Answered(response.status, received, response.read(), cookie_lines)


def despite_the_cut(ask: Callable[[], Answered]) -> Answered:
    """Ask on a new connection; once more when it was closed instead of answered.

    After a revocation a listener closes whatever is open with that certificate.
    A connection that comes in the same moment may be among it.
    """
    try:
        return ask()
    except (ConnectionError, ssl.SSLEOFError):
        return ask()


@dataclass
class Tokens:
    """Session tokens and assertions as a node mints them for one certificate."""

    issuer: str
    credential: Credential
    host: str = HOST
    claims: dict[str, Any] = field(default_factory=dict)

    def cookies(
        self,
        *,
        header: Mapping[str, Any] | None = None,
        secret: str = SECRET,
        assertion: str = ASSERTION,
        **changed: Any,
    ) -> dict[str, str]:
        """Return both cookies; a claim that is None is left out."""
        token = self.token(header=header, secret=secret, **changed)
        return {"__Host-certgate-edge": token, "__Host-certgate-assertion": assertion}

    def token(
        self, *, header: Mapping[str, Any] | None = None, secret: str = SECRET, **changed: Any
    ) -> str:
        """Return one session token."""
        now = int(SystemClock().now().timestamp())
        digest = hashlib.sha256(ASSERTION.encode()).digest()
        claims = {
            "iss": self.issuer,
            "aud": self.host,
            "sub": "wh000123",
            "sid": "42",
            "x5t": self.credential.digest,
            "kind": "unit",
            "class": "vip",
            "roles": ",",
            "ash": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "iat": now,
            "exp": now + 300,
            **self.claims,
            **changed,
        }
        head = {"alg": "HS256", "typ": "JWT", "kid": KEY_NAME, **(header or {})}
        told = {name: value for name, value in claims.items() if value is not None}
        key = OctKey.import_key(secret.encode())
        return jwt.encode(head, told, key, algorithms=[head["alg"]])
