"""Baseline: `openssl ca`, the certificate authority that every machine has."""

import shutil
import subprocess
from itertools import count
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ca.authorities import Authority
from ca.profiles import find_profile_file
from tests.support.private_keys import private_key_of

_CONFIGURATION = """
[ca]
default_ca = here
[here]
database = index.txt
new_certs_dir = new
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 730
default_crl_days = 7
crlnumber = crlnumber
policy = names
rand_serial = yes
unique_subject = no
email_in_dn = no
[names]
commonName = supplied
organizationName = optional
countryName = optional
"""


def openssl_program() -> str | None:
    """Return the openssl command, or None where there is none."""
    return shutil.which("openssl")


class OpenSslCa:
    """An `openssl ca` folder with a copy of an authority's key and one request to sign."""

    def __init__(self, program: str, folder: Path, authority: Authority) -> None:
        self._program = program
        self._folder = folder
        self._batches = count(1)
        (folder / "new").mkdir(mode=0o700, parents=True)
        (folder / "index.txt").touch()
        (folder / "crlnumber").write_text("01\n")
        (folder / "ca.cnf").write_text(_CONFIGURATION)
        private = private_key_of(authority).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        (folder / "ca.key").write_bytes(private)
        (folder / "ca.key").chmod(0o600)
        (folder / "ca.pem").write_bytes(authority.certificate.public_bytes(Encoding.PEM))
        (folder / "request.pem").write_bytes(_request().public_bytes(Encoding.PEM))

    def issue(self, requests: int = 1) -> list[Path]:
        """Issue certificates in one process, with the extensions of our profile "unit"."""
        folder = self._folder / "new"
        before = set(folder.iterdir())
        self._run(
            *("-extfile", str(find_profile_file()), "-extensions", "unit", "-batch", "-notext"),
            *("-out", f"batch-{next(self._batches)}.pem", "-infiles"),
            *(["request.pem"] * requests),
        )
        return sorted(set(folder.iterdir()) - before)

    def revoke(self, certificate: Path) -> None:
        """Revoke one certificate and make the CRL that says so."""
        self._run("-revoke", str(certificate), "-crl_reason", "keyCompromise")
        self._run("-gencrl", "-out", "crl.pem")

    def _run(self, *arguments: str) -> None:
        subprocess.run(
            [self._program, "ca", "-config", "ca.cnf", *arguments],
            cwd=self._folder,
            capture_output=True,
            check=True,
        )


def _request() -> x509.CertificateSigningRequest:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "unit")])
    return x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, SHA256())
