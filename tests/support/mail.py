"""A mail server on this machine that keeps what it is given, and a mailer that only notes."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from foundation.mail import Letter
from tests.support.clock import NEW_YEAR

USERNAME, PASSWORD = "certgate", "a password in a file"
# Resolves to this machine and is not written like it: where TLS is demanded.
ELSEWHERE = "127.1"


@dataclass(frozen=True)
class Delivered:
    """One letter as the server got it."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    over_tls: bool
    logged_in: bool


@dataclass
class MailServer:
    """What the server was given, and the answer it gives to recipients and to data."""

    port: int
    delivered: list[Delivered] = field(default_factory=list)
    recipient_answer: str = "250 OK"
    data_answer: str = "250 OK"

    async def handle_RCPT(  # noqa: N802 - the library looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(  # noqa: N802 - the library looks for this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.data_answer.startswith("250"):
            content = envelope.content
            assert isinstance(content, bytes)
            message = message_from_bytes(content, policy=policy.SMTP)
            assert isinstance(message, EmailMessage)
            self.delivered.append(
                Delivered(
                    envelope.mail_from or "",
                    tuple(envelope.rcpt_tos),
                    message,
                    session.ssl is not None,
                    session.authenticated is True,
                )
            )
        return self.data_answer


@contextmanager
def running_mail_server(
    tls: ssl.SSLContext | None = None, *, wants_login: bool = False
) -> Iterator[MailServer]:
    """Serve on a free port while the block runs; with `tls` it offers STARTTLS."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = MailServer(port)
    options: dict[str, Any] = {}
    if wants_login:
        options = {"authenticator": _check, "auth_required": True}
    controller = Controller(server, hostname="127.0.0.1", port=port, tls_context=tls, **options)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def make_tls(folder: Path, *names: str) -> tuple[ssl.SSLContext, Path]:
    """Return what a server for these names shows, and the file of the CA behind it."""
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Mail CA of a test")])
    ca = _certificate(ca_name, ca_name, ca_key, ca_key, ())
    leaf_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    leaf = _certificate(leaf_name, ca_name, key, ca_key, names)
    (folder / "ca.pem").write_bytes(ca.public_bytes(Encoding.PEM))
    (folder / "server.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + leaf.public_bytes(Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context, folder / "ca.pem"


@dataclass
class MailerDouble:
    """Notes letters; raises `failure` instead when there is one."""

    letters: list[Letter] = field(default_factory=list)
    failure: Exception | None = None

    def send(self, letter: Letter) -> None:
        """Note the letter."""
        if self.failure is not None:
            raise self.failure
        self.letters.append(letter)


def _check(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    right = (data.login, data.password) == (USERNAME.encode(), PASSWORD.encode())
    return AuthResult(success=right)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    names: tuple[str, ...],
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # The TLS library reads the real clock.
        .not_valid_before(NEW_YEAR - timedelta(days=3650))
        .not_valid_after(NEW_YEAR + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=not names, path_length=None), critical=True)
    )
    if names:
        alternative = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = builder.add_extension(alternative, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())
