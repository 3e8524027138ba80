"""Credentials for a signer on another machine: two certificates that trust each other.

They belong to the link and to nobody's hierarchy: a CA whose own key makes the
door to that key would let whoever has the gateway make more doors.
"""

from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from ca.keys.private_files import make_private_folder, write_private_file
from foundation.clock import Clock

_LIFETIME = timedelta(days=5 * 365)
SIDES = ("signer", "gateway")


def make_link(folder: Path, clock: Clock) -> None:
    """Write ``signer/`` and ``gateway/`` below `folder`, one for each machine.

    Each holds ``own.pem``, ``own.key`` (not encrypted: only its owner may read
    it) and ``peer.pem``. Raises `FileExistsError`.
    """
    made = {side: _make(side, clock) for side in SIDES}
    for side, other in zip(SIDES, reversed(SIDES), strict=True):
        key, certificate = made[side]
        make_private_folder(folder / side)
        write_private_file(
            folder / side / "own.key",
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        )
        write_private_file(folder / side / "own.pem", certificate.public_bytes(Encoding.PEM))
        peer = made[other][1]
        write_private_file(folder / side / "peer.pem", peer.public_bytes(Encoding.PEM))


def _make(side: str, clock: Clock) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"CertGate link: {side}")])
    now = clock.now().replace(microsecond=0)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFETIME)
        # The trust anchor of the other side, and nothing below it.
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return key, certificate
