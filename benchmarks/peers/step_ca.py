"""Baseline: step-ca with a JWK provisioner, by `POST /1.0/sign`.

Root and P-256 intermediate in files, and one of its embedded databases: "bbolt"
flushes each commit to the disk (about four of them a certificate, says strace),
"badgerv2", which `step ca init` chooses, leaves that to the system. Or a database
of a PostgreSQL server, which it makes itself. Each request carries a one-time
token, made beforehand.
"""

import base64
import hashlib
import json
import os
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from benchmarks.client import Connection
from benchmarks.peers.installing import step_ca_program
from benchmarks.peers.requests import NAME, http_post, new_requests
from benchmarks.peers.serving import free_port, serving
from benchmarks.visitors import expect

Storage = Literal["bbolt", "badgerv2", "postgresql"]

_PROVISIONER = "benchmark"
_TOKEN_SECONDS = 300


@dataclass(frozen=True)
class StepCa:
    """A running step-ca and the key of its provisioner."""

    port: int
    tls: ssl.SSLContext
    root: x509.Certificate
    provisioner: ec.EllipticCurvePrivateKey

    def sign_requests(self) -> Iterator[bytes]:
        """Yield requests without end to certify another key each; each is good for 5 minutes."""
        for number, request in zip(count(), new_requests(), strict=False):
            yield self._sign_request(request, f"benchmark-{number}")

    def connect(self) -> Connection:
        """Open a connection."""
        return Connection(self.port, self.tls)

    def client_context(self, folder: Path) -> ssl.SSLContext:
        """Return a context that presents a certificate issued now, which step-ca will renew."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(NAME)])
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
        builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
        request = builder.add_extension(names, critical=False).sign(key, SHA256())
        with self.connect() as connection:
            answer = expect(201, connection.exchange(self._sign_request(request, "client")))
        file = folder / "client.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        chain = answer.document["crt"] + answer.document["ca"]
        file.write_bytes(private + chain.encode())
        context = ssl.create_default_context(cadata=self.root.public_bytes(Encoding.PEM).decode())
        context.load_cert_chain(file)
        return context

    def _sign_request(self, request: x509.CertificateSigningRequest, identifier: str) -> bytes:
        document = {
            "csr": request.public_bytes(Encoding.PEM).decode(),
            "ott": self._token(identifier),
        }
        headers = {"Content-Type": "application/json"}
        return http_post("localhost", "/1.0/sign", headers, json.dumps(document).encode())

    def _token(self, identifier: str) -> str:
        """Return a JSON Web Token (RFC 7519) signed with ES256 (RFC 7518 section 3.4)."""
        now = int(time.time())
        header = {"alg": "ES256", "kid": _jwk(self.provisioner)["kid"], "typ": "JWT"}
        claims = {
            "iss": _PROVISIONER, "sub": NAME, "sans": [NAME], "jti": identifier,
            "aud": f"https://localhost:{self.port}/1.0/sign",
            "iat": now, "nbf": now, "exp": now + _TOKEN_SECONDS,
        }  # fmt: skip
        signed = f"{_json(header)}.{_json(claims)}"
        r, s = decode_dss_signature(self.provisioner.sign(signed.encode(), ec.ECDSA(SHA256())))
        return f"{signed}.{_text(r.to_bytes(32) + s.to_bytes(32))}"


@contextmanager
def running_step_ca(folder: Path, storage: Storage, source: str = "db") -> Iterator[StepCa]:
    """Make a CA in `folder` and serve it while the block runs; raises `PeerMissing`.

    `source` is where its data is: a path below `folder`, or a database's URL.
    """
    program = step_ca_program()
    folder.mkdir(parents=True)
    root = _make_authorities(folder)
    provisioner = ec.generate_private_key(ec.SECP256R1())
    port = free_port()
    configuration = {
        "root": "root.pem", "crt": "issuing.pem", "key": "issuing.key",
        "address": f"127.0.0.1:{port}", "dnsNames": ["localhost", "127.0.0.1"],
        "db": {"type": storage, "dataSource": source},
        "authority": {
            "provisioners": [{"type": "JWK", "name": _PROVISIONER, "key": _jwk(provisioner)}]
        },
    }  # fmt: skip
    (folder / "ca.json").write_text(json.dumps(configuration))
    with serving([str(program), "ca.json"], folder, port, {**os.environ, "HOME": str(folder)}):
        tls = ssl.create_default_context(cadata=root.public_bytes(Encoding.PEM).decode())
        yield StepCa(port, tls, root, provisioner)


def _make_authorities(folder: Path) -> x509.Certificate:
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _authority("Root", root_key, None, root_key)
    issuing = _authority("Issuing", key, root, root_key)
    (folder / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    (folder / "issuing.pem").write_bytes(issuing.public_bytes(Encoding.PEM))
    (folder / "issuing.key").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return root


def _authority(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    signer: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .serial_number(x509.random_serial_number())
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(True, 0 if issuer else 1), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return builder.add_extension(authority, critical=False).sign(signer, SHA256())


def _jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """Return the public key as RFC 7517 has it, named by its thumbprint (RFC 7638)."""
    numbers = key.public_key().public_numbers()
    coordinates = {"x": _text(numbers.x.to_bytes(32)), "y": _text(numbers.y.to_bytes(32))}
    thumbprint = {"crv": "P-256", "kty": "EC", **coordinates}
    digest = hashlib.sha256(json.dumps(thumbprint, separators=(",", ":")).encode()).digest()
    return {**thumbprint, "use": "sig", "alg": "ES256", "kid": _text(digest)}


def _json(document: Mapping[str, object]) -> str:
    return _text(json.dumps(document).encode())


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
