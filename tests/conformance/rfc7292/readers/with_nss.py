"""NSS's `pk12util`, which is what Firefox and Chromium on Linux do."""

from pathlib import Path

from tests.conformance.rfc7292.readers.opened import NotOpened, Opened
from tests.conformance.rfc7292.readers.with_openssl import read_with_openssl
from tests.support.programs import Answer, run, try_run

_PACKAGE = "libnss3-tools"
_ANOTHER = "another password"


def read_with_nss(content: bytes, password: str, folder: Path) -> Opened:
    """Import into a new store, and export from it what has arrived there."""
    (folder / "x.p12").write_bytes(content)
    (folder / "store").mkdir()
    run("certutil", _PACKAGE, "-N", "-d", "sql:store", "--empty-password", folder=folder)
    imported = _pk12util(folder, "-i", "x.p12", "-W", password)
    if imported.status != 0:
        kept = run("certutil", _PACKAGE, "-L", "-d", "sql:store", folder=folder)
        raise NotOpened([imported, kept])
    listed = run("certutil", _PACKAGE, "-L", "-d", "sql:store", folder=folder).text
    # "u": a user certificate, that is one with its key.
    (name,) = (line.rsplit(maxsplit=1)[0] for line in listed.splitlines() if "u,u,u" in line)
    exported = _pk12util(folder, "-o", "y.p12", "-n", name, "-W", _ANOTHER)
    assert exported.status == 0, exported.everything
    # NSS writes BER, which the openssl command takes as it is.
    found = read_with_openssl((folder / "y.p12").read_bytes(), _ANOTHER, folder)
    return Opened(name, found.private_key, found.certificates)


def _pk12util(folder: Path, *arguments: str) -> Answer:
    return try_run("pk12util", _PACKAGE, "-d", "sql:store", *arguments, folder=folder)
