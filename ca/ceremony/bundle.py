"""What is carried from the ceremony to the server: public facts in one file."""

from pathlib import Path
from typing import Literal

from cryptography import x509
from pydantic import BaseModel, ConfigDict, ValidationError

from ca.ceremony.errors import BundleRefused
from ca.ceremony.records import CertifiedIssuing, SignedRecord
from ca.encoding.not_readable import NOT_READABLE

_LARGEST = 1024 * 1024


class Bundle(BaseModel):
    """Root, one issuing CA, and the root's newest CRL; certificates and CRL in PEM.

    `record_sha256` names the record of the session that made it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    pki_url: str
    crl_shards: int
    root_certificate: str
    root_key_name: str
    issuing: CertifiedIssuing
    root_crl: str
    record_sha256: str

    def octets(self) -> bytes:
        """Return the content of its file."""
        return self.model_dump_json(indent=2).encode() + b"\n"


def make_bundle(
    signed: SignedRecord, issuing: CertifiedIssuing, *, pki_url: str, crl_shards: int, crl: str
) -> Bundle:
    """Return the bundle of one issuing CA that the root certified."""
    return Bundle(
        pki_url=pki_url,
        crl_shards=crl_shards,
        root_certificate=signed.record.root_certificate,
        root_key_name=signed.record.root_key_name,
        issuing=issuing,
        root_crl=crl,
        record_sha256=signed.sha256,
    )


def read_bundle(path: Path) -> Bundle:
    """Return what the file says, nothing of it verified; raises `BundleRefused`."""
    try:
        with path.open("rb") as file:
            octets = file.read(_LARGEST + 1)
        if len(octets) > _LARGEST:
            raise BundleRefused("unreadable", problem="too long")
        return Bundle.model_validate_json(octets)
    except OSError as failure:
        raise BundleRefused("unreadable", problem=f"{path}: {failure.strerror}") from failure
    except ValidationError as failure:
        raise BundleRefused("unreadable", problem="not a bundle") from failure


def read_pem_certificate(unverified_pem: str) -> x509.Certificate:
    """Return the certificate; raises `BundleRefused` for anything else."""
    try:
        return x509.load_pem_x509_certificate(unverified_pem.encode())
    except NOT_READABLE as failure:
        raise BundleRefused("unreadable", problem="no certificate") from failure
