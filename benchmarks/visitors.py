"""Clients with a certificate and, after logging in, a session."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from benchmarks.client import Answer, Connection, post, put
from ca.key_types import EndEntityPrivateKey
from enrollment.slips.issuing import IssuedSlip

NEW_PASSWORD = "a quiet river in spring"
SESSION_PATH = "/api/v1/session"

_numbers = count(1)


@dataclass
class Visitor:
    """Somebody who holds a certificate."""

    slip: IssuedSlip
    certificate: x509.Certificate
    port: int
    tls: ssl.SSLContext
    cookie: str | None = None

    def connect(self) -> Connection:
        """Open a connection to the portal, presenting the certificate."""
        return Connection(self.port, self.tls)

    def login_request(self, password: str = NEW_PASSWORD) -> bytes:
        """Return the octets of a login."""
        document = {"username": self.slip.username, "password": password}
        return post(self.port, SESSION_PATH, document)

    def enter(self) -> None:
        """Log in for the first time and replace the initial password."""
        with self.connect() as connection:
            initial = self.slip.initial_password
            first = expect(201, connection.exchange(self.login_request(initial)))
            change = {"old_password": initial, "new_password": NEW_PASSWORD}
            changing = put(self.port, "/api/v1/password", change, _cookie_of(first))
            self.cookie = _cookie_of(expect(204, connection.exchange(changing)))

    def enter_before_reset(self) -> None:
        """Log in for the first time and leave it at that: cheaper, and a session all the same."""
        with self.connect() as connection:
            request = self.login_request(self.slip.initial_password)
            self.cookie = _cookie_of(expect(201, connection.exchange(request)))


class Keeper:
    """Keeps certificates and keys in files, which is where `ssl` wants them."""

    def __init__(self, folder: Path, root: x509.Certificate) -> None:
        self._folder = folder
        self.root_pem = root.public_bytes(Encoding.PEM).decode()

    def write(self, chain: Sequence[x509.Certificate], key: EndEntityPrivateKey) -> Path:
        """Return a PEM file with the key and the chain, leaf first."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._folder / f"{next(_numbers)}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(private + b"".join(one.public_bytes(Encoding.PEM) for one in chain))
        file.chmod(0o600)
        return file

    def client_context(
        self, chain: Sequence[x509.Certificate] = (), key: EndEntityPrivateKey | None = None
    ) -> ssl.SSLContext:
        """Return a context that trusts our root alone and presents `chain` when asked."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=self.root_pem)
        if key is not None:
            context.load_cert_chain(self.write(chain, key))
        return context


def expect(status: int, answer: Answer) -> Answer:
    """Return the answer; raises when it is another than what the measurement is about."""
    if answer.status != status:
        raise RuntimeError(f"{answer.status} instead of {status}: {answer.body[:500]!r}")
    return answer


def _cookie_of(answer: Answer) -> str:
    header = answer.header("set-cookie")
    if header is None:
        raise RuntimeError("no session cookie in the answer")
    return header.partition(";")[0]
