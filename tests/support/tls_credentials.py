"""Certificates for TLS tests, made in a moment: good, or as bad as a test wants them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from foundation.clock import SystemClock

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
    def chain(self) -> list[x509.Certificate]:
        """The certificate and those above it, as a TLS server or client presents them."""
        return [self.certificate, *self.above]

    @property
    def digest(self) -> str:
        """The certificate's SHA-256, as tokens and the edge name it."""
        return self.certificate.fingerprint(hashes.SHA256()).hex().upper()

    @property
    def serial_number(self) -> str:
        """The serial number in upper-case hexadecimal."""
        return f"{self.certificate.serial_number:X}"

    @property
    def key_pem(self) -> bytes:
        """The private key in PEM."""
        return self.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def pem(self) -> bytes:
        """Key and chain, as HAProxy, `ssl` and `openssl` read them."""
        return self.key_pem + pem_of(*self.chain)

    def write(self, folder: Path, *decoys: x509.Certificate) -> Path:
        """Write key, chain and `decoys` after it into a file that is named after its content."""
        return write_pem(folder, self.pem + pem_of(*decoys))

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
        above = () if self._is_root else tuple(self.chain)
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


def write_pem(folder: Path, content: bytes) -> Path:
    """Write a key and certificates into a file that is named after its content."""
    file = folder / f"{hashlib.sha256(content).hexdigest()}.pem"
    if not file.exists():
        file.write_bytes(content)
    return file


def make_root(name: str = "Root") -> Credential:
    """Return a root of its own."""
    return _make(name, None, (-_DAY, _DAY))


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
