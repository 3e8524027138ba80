"""Certificates for TLS tests: made in a moment, good or as bad as a test needs them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from foundation.clock import SystemClock

HOST = "localhost"


@dataclass(frozen=True)
class Credential:
    """A certificate, its key, and the certificates above it except the root."""

    certificate: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey
    above: tuple[x509.Certificate, ...] = ()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def chain(self) -> list[x509.Certificate]:
        return [self.certificate, *self.above]

    def write(self, folder: Path) -> Path:
        """Write key and chain into one PEM file, as `ssl` and `openssl` read it."""
        key = self.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return write_pem(folder, key, [one.public_bytes(Encoding.PEM) for one in self.chain])

    def issue(
        self,
        name: str,
        *,
        lifetime: tuple[timedelta, timedelta] = (timedelta(hours=-1), timedelta(days=1)),
        ca: bool = False,
    ) -> "Credential":
        """Return a certificate signed by this one; `lifetime` is counted from now."""
        issuer = self.certificate
        above = () if issuer.issuer == issuer.subject else tuple(self.chain)
        return _make(name, self, lifetime, ca=ca, above=above)


def write_pem(folder: Path, key: bytes, chain: list[bytes]) -> Path:
    """Write a key and certificates into a new file."""
    file = folder / f"credential-{len(list(folder.iterdir()))}.pem"
    file.write_bytes(b"".join([key, *chain]))
    return file


def make_root(name: str) -> Credential:
    """Return a root of its own."""
    return _make(name, None, (timedelta(hours=-1), timedelta(days=1)), ca=True)


@cache
def our_root() -> Credential:
    """Return the root that the server's certificate comes from."""
    return make_root("Root")


@cache
def issuing() -> Credential:
    """Return the issuing CA, whose name clients are told."""
    return our_root().issue("Issuing CA", ca=True)


@cache
def server() -> Credential:
    """Return the server's credential."""
    return issuing().issue("server")


def _make(
    name: str,
    issuer: Credential | None,
    lifetime: tuple[timedelta, timedelta],
    *,
    ca: bool,
    above: tuple[x509.Certificate, ...] = (),
) -> Credential:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now: datetime = SystemClock().now()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + lifetime[0])
        .not_valid_after(now + lifetime[1])
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
    )
    if not ca:
        names = [x509.DNSName(HOST), x509.IPAddress(IPv4Address("127.0.0.1"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    signer = issuer.private_key if issuer else key
    return Credential(builder.sign(signer, hashes.SHA256()), key, above)
