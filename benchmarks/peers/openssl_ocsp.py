"""Baseline: the responder of `openssl ocsp`, over an index of our own certificates.

One process, as the command comes. It reads the index once and signs every
answer; with `-multi` it forks, which does not make one answer cheaper.
"""

import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from benchmarks.peers.installing import PeerMissing
from benchmarks.peers.serving import free_port

_READY = b"waiting for OCSP client connections"
_START_SECONDS = 120
_PAUSE = 0.05


@dataclass(frozen=True)
class Known:
    """A certificate of the index; revoked when `revoked_at` is set."""

    serial_number: int
    not_after: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True)
class OpenSslOcsp:
    """A running responder."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        """Where it answers; plain HTTP, POST."""
        return f"http://127.0.0.1:{self.port}/"


@contextmanager
def running_openssl_ocsp(
    folder: Path,
    issuing: x509.Certificate,
    issuing_key: ec.EllipticCurvePrivateKey,
    known: Iterable[Known],
) -> Iterator[OpenSslOcsp]:
    """Serve the standing of `known` while the block runs; raises `PeerMissing`.

    The signer is a delegated one with a P-256 key, as ours is.
    """
    program = shutil.which("openssl")
    if program is None:
        raise PeerMissing("there is no openssl command")
    folder.mkdir(parents=True)
    key = ec.generate_private_key(ec.SECP256R1())
    signer = _signer(issuing, issuing_key, key)
    (folder / "issuing.pem").write_bytes(issuing.public_bytes(Encoding.PEM))
    (folder / "signer.pem").write_bytes(signer.public_bytes(Encoding.PEM))
    (folder / "signer.key").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    (folder / "index.txt").write_text("".join(_line(one) for one in known))
    port = free_port()
    command = [
        program, "ocsp", "-index", "index.txt", "-CA", "issuing.pem", "-rsigner", "signer.pem",
        "-rkey", "signer.key", "-port", str(port), "-nmin", "5", "-ignore_err",
    ]  # fmt: skip
    with _serving(command, folder) as pid:
        yield OpenSslOcsp(port, pid)


@contextmanager
def _serving(command: Sequence[str], folder: Path) -> Iterator[int]:
    """Yield the number of the responder's process, run in `folder`; raises `PeerMissing`.

    It says itself when it is ready. Knocking at its port would be the end of
    it: a connection without a question sends it into a loop (OpenSSL 3.0).
    """
    log = folder / "log"
    with log.open("wb") as opened:
        process = subprocess.Popen(command, cwd=folder, stdout=opened, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + _START_SECONDS
        while _READY not in log.read_bytes():
            if process.poll() is not None or time.monotonic() > deadline:
                raise PeerMissing(f"it did not start: {log.read_text(errors='replace')[-500:]}")
            time.sleep(_PAUSE)
        yield process.pid
    finally:
        process.terminate()
        process.wait(_START_SECONDS)


def _line(known: Known) -> str:
    """Return a line of `openssl ca`'s index: state, end, end of validity, serial, file, name."""
    state = "R" if known.revoked_at else "V"
    revoked = f"{known.revoked_at:%y%m%d%H%M%SZ}" if known.revoked_at else ""
    serial = f"{known.serial_number:X}"
    serial = serial if len(serial) % 2 == 0 else f"0{serial}"
    end = f"{known.not_after:%y%m%d%H%M%SZ}"
    return f"{state}\t{end}\t{revoked}\t{serial}\tunknown\t/CN={serial}\n"


def _signer(
    issuing: x509.Certificate,
    issuing_key: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .serial_number(x509.random_serial_number())
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "OCSP")]))
        .issuer_name(issuing.subject)
        .public_key(key.public_key())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
        .add_extension(x509.OCSPNoCheck(), critical=False)
        .sign(issuing_key, SHA256())
    )
