"""Java's KeyStore."""

from base64 import b64decode
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_der_private_key

from tests.conformance.rfc7292.readers.opened import NotOpened, Opened
from tests.support.java import try_java

_PROGRAM = Path(__file__).parent / "ReadPkcs12.java"


def read_with_java(content: bytes, password: str, folder: Path) -> Opened:
    """Run a program of a few lines: `keytool` shows no private key."""
    (folder / "x.p12").write_bytes(content)
    answer = try_java(_PROGRAM, "x.p12", password, folder=folder)
    if answer.status != 0:
        raise NotOpened([answer])
    lines = [line.split(" ") for line in answer.text.splitlines()]
    (name,) = (b64decode(value).decode() for kind, value in lines if kind == "alias")
    (key,) = (b64decode(value) for kind, value in lines if kind == "key")
    certificates = [b64decode(value) for kind, value in lines if kind == "certificate"]
    return Opened(
        name,
        load_der_private_key(key, None),
        [x509.load_der_x509_certificate(der) for der in certificates],
    )
