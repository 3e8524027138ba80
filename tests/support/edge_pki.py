"""The certificates an edge needs, made in a moment: good, or as bad as a test wants them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from foundation.clock import SystemClock
from gateway.edge.files import EdgeFiles

HOST = "localhost"
_DAY = timedelta(days=1)
CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH


@dataclass(frozen=True)
class Credential:
    """A certificate, its key, and what stands above it except the root."""

    certificate: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey
    above: tuple[x509.Certificate, ...] = ()

    @property
    def der(self) -> bytes:
        """The certificate in DER."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def digest(self) -> str:
        """The certificate's SHA-256, as tokens and the edge name it."""
        return self.certificate.fingerprint(hashes.SHA256()).hex().upper()

    @property
    def serial_number(self) -> str:
        """The serial number in upper-case hexadecimal."""
        return f"{self.certificate.serial_number:X}"

    @property
    def pem(self) -> bytes:
        """Key and chain, as HAProxy, `ssl` and `openssl` read them."""
        key = self.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return key + pem_of(self.certificate, *self.above)

    def write(self, folder: Path, *decoys: x509.Certificate) -> Path:
        """Write key, chain and `decoys` after it into a file that is named after its content."""
        content = self.pem + pem_of(*decoys)
        file = folder / f"{hashlib.sha256(content).hexdigest()}.pem"
        if not file.exists():
            file.write_bytes(content)
        return file

    def issue(
        self,
        name: str,
        *,
        purposes: Sequence[ObjectIdentifier] = (CLIENT,),
        lifetime: tuple[timedelta, timedelta] = (-_DAY, _DAY),
        serial_number: int | None = None,
        hosts: Sequence[str] = (),
    ) -> "Credential":
        """Return an end entity's certificate signed by this one; `lifetime` counts from now."""
        above = (self.certificate, *self.above) if self.above or not self._is_root else ()
        return _make(
            name, self, lifetime, purposes=purposes, above=above, serial=serial_number, hosts=hosts
        )

    def issue_ca(self, name: str) -> "Credential":
        """Return a CA below this one."""
        return _make(name, self, (-_DAY, _DAY))

    def crl(self, *serial_numbers: int, next_update: timedelta = _DAY) -> bytes:
        """Return this CA's CRL in PEM; `next_update` counts from now."""
        now = SystemClock().now()
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(min(now, now + next_update) - _DAY)
            .next_update(now + next_update)
            .add_extension(x509.CRLNumber(1), critical=False)
            .add_extension(_key_identifier_of(self), critical=False)
        )
        for number in serial_numbers:
            entry = x509.RevokedCertificateBuilder().serial_number(number).revocation_date(now)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.private_key, hashes.SHA256()).public_bytes(Encoding.PEM)

    @property
    def _is_root(self) -> bool:
        return self.certificate.issuer == self.certificate.subject


def pem_of(*certificates: x509.Certificate) -> bytes:
    """Return the certificates in PEM, one after the other."""
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)


def make_root(name: str = "Root") -> Credential:
    """Return a root of its own."""
    return _make(name, None, (-_DAY, _DAY))


@dataclass(frozen=True)
class EdgePki:
    """One hierarchy, and the credentials of an edge and of its nodes; files go to `folder`."""

    folder: Path
    hosts: Sequence[str] = (HOST,)
    root: Credential = field(default_factory=make_root)

    def __post_init__(self) -> None:
        """Make what is below the root."""
        issuing = self.root.issue_ca("Issuing CA")
        object.__setattr__(self, "issuing", issuing)
        hosts = (*self.hosts, "127.0.0.1")
        server = issuing.issue(HOST, purposes=(SERVER,), hosts=hosts)
        object.__setattr__(self, "server", server)
        object.__setattr__(self, "link", issuing.issue("edge-1"))

    issuing: Credential = field(init=False)
    server: Credential = field(init=False)
    link: Credential = field(init=False)

    def crls(self, *revoked: int, next_update: timedelta = _DAY) -> bytes:
        """Return the CRLs of root and issuing CA in PEM."""
        return self.root.crl() + self.issuing.crl(*revoked, next_update=next_update)

    def write(self, files: EdgeFiles) -> None:
        """Write what the agent of an edge would have written."""
        authorities = pem_of(self.root.certificate, self.issuing.certificate)
        files.server.write_bytes(self.server.pem)
        files.client_authorities.write_bytes(authorities)
        files.crls.write_bytes(self.crls())
        files.link.write_bytes(self.link.pem)
        files.link_authorities.write_bytes(authorities)


def _make(
    name: str,
    issuer: Credential | None,
    lifetime: tuple[timedelta, timedelta],
    *,
    purposes: Sequence[ObjectIdentifier] | None = None,
    above: tuple[x509.Certificate, ...] = (),
    serial: int | None = None,
    hosts: Sequence[str] = (),
) -> Credential:
    key = ec.generate_private_key(ec.SECP256R1())
    now: datetime = SystemClock().now()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    is_ca = purposes is None
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(now + lifetime[0])
        .not_valid_after(now + lifetime[1])
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_usage(is_ca), critical=True)
    )
    if issuer is not None:
        builder = builder.add_extension(_key_identifier_of(issuer), critical=False)
    if purposes is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    if hosts:
        names = [_general_name(host) for host in hosts]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    signing_key = key if issuer is None else issuer.private_key
    return Credential(builder.sign(signing_key, hashes.SHA256()), key, above)


def _general_name(host: str) -> x509.GeneralName:
    return x509.IPAddress(IPv4Address(host)) if host[0].isdigit() else x509.DNSName(host)


def _key_identifier_of(issuer: Credential) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.private_key.public_key())


def _usage(is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )
