"""A home folder with an NSS store: where Chromium on Linux keeps certificates."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.openssl import openssl


class CertificateStoreRefused(AssertionError):
    """The store did not take a certificate, which a subscriber's browser would not either."""


@dataclass(frozen=True)
class CertificateStore:
    """The `.pki/nssdb` of one made-up person's home folder."""

    home: Path

    @classmethod
    def create(cls, home: Path) -> "CertificateStore":
        """Make an empty store in `home`; skip where NSS's tools are not installed."""
        for program in ("certutil", "pk12util"):
            if shutil.which(program) is None:
                pytest.skip(f"{program} is not installed (apt-get install libnss3-tools)")
        store = cls(home)
        store.folder.mkdir(parents=True)
        store._run("certutil", "-N", "--empty-password")
        return store

    @property
    def folder(self) -> Path:
        """Where Chromium looks."""
        return self.home / ".pki" / "nssdb"

    def trust_root(self, certificate: bytes, nickname: str = "CertGate root") -> None:
        """Trust a root certificate, DER or PEM, for servers, as the installation help says."""
        file = self.home / "root.pem"
        form = "PEM" if certificate.startswith(b"-----") else "DER"
        openssl("x509", "-inform", form, "-out", file, stdin=certificate)
        self._run("certutil", "-A", "-n", nickname, "-t", "C,,", "-i", str(file))

    def import_pkcs12(self, bundle: bytes, password: str) -> None:
        """Import a personal certificate with its key."""
        file = self.home / "personal.p12"
        file.write_bytes(bundle)
        self._run("pk12util", "-i", str(file), "-W", password)

    def delete(self, nickname: str) -> None:
        """Take a certificate and its key out again."""
        self._run("certutil", "-F", "-n", nickname)

    def listing(self) -> str:
        """Return the nicknames and trust flags of everything in the store."""
        return self._run("certutil", "-L")

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [program, "-d", f"sql:{self.folder}", *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode != 0:
            raise CertificateStoreRefused(f"{program} {arguments[0]}: {done.stdout}{done.stderr}")
        return done.stdout
