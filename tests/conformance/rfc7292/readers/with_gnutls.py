"""GnuTLS's `certtool`."""

import re
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.conformance.rfc7292.readers.opened import NotOpened, Opened
from tests.support.programs import run, try_run

_PACKAGE = "gnutls-bin"
_NAME = re.compile(r"Friendly name: (.*)\n")
_KEY = re.compile(
    rb"-----BEGIN ENCRYPTED PRIVATE KEY-----.*?-----END ENCRYPTED PRIVATE KEY-----", re.S
)


def read_with_gnutls(content: bytes, password: str, folder: Path) -> Opened:
    """Let the command print certificates, and the key as it is sealed; then open the key."""
    (folder / "x.p12").write_bytes(content)
    answer = try_run(
        "certtool", _PACKAGE, "--p12-info", "--inder", "--infile", "x.p12",
        "--password", password, folder=folder,
    )  # fmt: skip
    if answer.status != 0:
        raise NotOpened([answer])
    names = set(_NAME.findall(answer.text))
    assert len(names) == 1, "key and certificate go by the same name"
    sealed = _KEY.search(answer.output)
    assert sealed is not None
    (folder / "sealed.pem").write_bytes(sealed.group() + b"\n")
    # Opened and sealed again: as plain PEM, this version leaves the curve of a key out.
    run(
        "certtool", _PACKAGE, "--to-p8", "--load-privkey", "sealed.pem",
        "--password", password, "--outfile", "key.pem", folder=folder,
    )  # fmt: skip
    return Opened(
        names.pop(),
        load_pem_private_key((folder / "key.pem").read_bytes(), password.encode()),
        x509.load_pem_x509_certificates(answer.output),
    )
