"""OpenSSL's `pkcs12` command."""

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.conformance.rfc7292.readers.opened import NotOpened, Opened
from tests.support.openssl import try_openssl


def read_with_openssl(content: bytes, password: str, folder: Path) -> Opened:
    """Let the command print everything in PEM.

    Of a name it prints the lower octet of each character (`OPENSSL_uni2asc`),
    which in Chinese says nothing.
    """
    (folder / "x.p12").write_bytes(content)
    answer = try_openssl(
        "pkcs12", "-in", "x.p12", "-nodes", "-passin", f"pass:{password}", folder=folder
    )
    if answer.status != 0:
        raise NotOpened([answer])
    return Opened(
        None,
        load_pem_private_key(answer.output, None),
        x509.load_pem_x509_certificates(answer.output),
    )
