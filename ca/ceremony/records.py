"""Records of what the root's key signed: each one signed by it, each bound to the one before.

A folder of them is the whole memory of an offline root: which issuing CAs it
has certified, which it has revoked, and the number of its last CRL. A record is
JSON in one form only (sorted, no spaces), so that its octets can be signed; the
transcript that people sign by hand is made from it (`ca.ceremony.transcript`).
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from cryptography import x509
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from ca.ceremony.errors import CeremonyMissing, RecordBroken
from ca.encoding.signature_algorithms import sign_raw
from ca.errors import PublicKeyRefused, SigningFault
from ca.key_types import CaPrivateKey
from ca.keys.algorithms import accept_authority_key
from ca.keys.private_files import make_private_folder, write_private_file
from ca.signing.proof import verify_signature

Act = Literal["ceremony", "export", "sign-issuing", "root-crl"]
Hex = Annotated[str, Field(pattern=r"^[0-9A-F]{64}$")]

# Signed before the record: nothing that begins so is a certificate, a CRL or an
# OCSP answer, all of which begin with the tag of a SEQUENCE (0x30).
_CONTEXT = b"certgate ceremony record\n"
assert _CONTEXT[0] != 0x30
_LARGEST = 4 * 1024 * 1024


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(_Part):
    """One thing that was done, when, and what came of it."""

    at: AwareDatetime
    what: str
    facts: dict[str, str | int]


class CertifiedIssuing(_Part):
    """An issuing CA that the root certified."""

    name: str
    key_name: str
    serial_number: str
    certificate: str


class RevokedIssuing(_Part):
    """An issuing CA that the root's CRL lists."""

    serial_number: str
    reason: str
    revoked_at: AwareDatetime


class SignedCrl(_Part):
    """A CRL of the root, and everything that it lists."""

    crl_number: int
    this_update: AwareDatetime
    next_update: AwareDatetime
    entries: list[RevokedIssuing]
    crl: str


class Record(_Part):
    """One session with the root's key."""

    version: Literal[1] = 1
    number: int
    previous_sha256: Hex | None
    act: Act
    document_sha256: Hex
    document: str
    program: dict[str, str]
    root_key_name: str
    root_certificate: str
    steps: list[Step]
    issuing: list[CertifiedIssuing]
    root_crl: SignedCrl | None

    def octets(self) -> bytes:
        """Return the one form that is signed."""
        document = self.model_dump(mode="json")
        return json.dumps(
            document, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()


class SignedRecord(_Part):
    """A record with the root's signature over it, in base64."""

    record: Record
    signature: str

    def octets(self) -> bytes:
        """Return the content of its file."""
        signature = json.dumps(self.signature).encode()
        return b'{"record":' + self.record.octets() + b',"signature":' + signature + b"}\n"

    @property
    def sha256(self) -> str:
        """Return the digest of its file, in upper-case hex."""
        return hashlib.sha256(self.octets()).hexdigest().upper()

    @property
    def name(self) -> str:
        """Return what its files are called, without the ending."""
        return f"{self.record.number:04}-{self.record.act}"


def sign_record(record: Record, root_key: CaPrivateKey) -> SignedRecord:
    """Return the record with its signature; raises `KeyUnavailable`."""
    signature = sign_raw(root_key, _CONTEXT + record.octets())
    return SignedRecord(record=record, signature=base64.b64encode(signature).decode())


def write_record(folder: Path, signed: SignedRecord) -> Path:
    """Write a record durably and return its file; raises `FileExistsError`."""
    make_private_folder(folder)
    path = folder / f"{signed.name}.json"
    write_private_file(path, signed.octets())
    return path


def read_records(folder: Path) -> Sequence[SignedRecord]:
    """Return every record of a folder, oldest first.

    Raises `CeremonyMissing`, and `RecordBroken` unless each is in its one form,
    is bound to the one before, and was signed by the root of the first. Does
    not know whether the newest ones were taken away: paper and the server do.
    """
    files = sorted(folder.glob("[0-9][0-9][0-9][0-9]-*.json"))
    if not files:
        raise CeremonyMissing(str(folder))
    records = [_read(file) for file in files]
    root = records[0].record.root_certificate
    for position, (file, signed) in enumerate(zip(files, records, strict=True)):
        record = signed.record
        before = records[position - 1].sha256 if position else None
        if (
            record.number != position + 1
            or record.previous_sha256 != before
            or record.root_certificate != root
            or file.stem != signed.name
        ):
            raise RecordBroken(file.name)
    return records


def verify_record(signed: SignedRecord, name: str) -> None:
    """Raise `RecordBroken` unless the root named in the record signed it."""
    try:
        root = x509.load_pem_x509_certificate(signed.record.root_certificate.encode())
        signature = base64.b64decode(signed.signature, validate=True)
        key = accept_authority_key(root.public_key())
        verify_signature(key, signature, _CONTEXT + signed.record.octets())
    except (ValueError, PublicKeyRefused, SigningFault) as forged:
        raise RecordBroken(name) from forged


def _read(file: Path) -> SignedRecord:
    try:
        octets = file.read_bytes()
        if len(octets) > _LARGEST:
            raise RecordBroken(file.name)
        signed = SignedRecord.model_validate_json(octets)
    except (OSError, ValidationError) as failure:
        raise RecordBroken(file.name) from failure
    if signed.octets() != octets:
        raise RecordBroken(file.name)
    verify_record(signed, file.name)
    return signed


def spell_time(moment: datetime) -> str:
    """Return a time as records and transcripts write it (RFC 3339, UTC)."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
