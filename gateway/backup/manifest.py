"""The first member of every backup: what it is, and the hash of everything else.

The hashes show damage. They do not show forgery: whoever can write the archive
can write its manifest, so it is kept as safe as the data folder itself.
"""

import re
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from foundation.settings import SETTINGS_FILE
from gateway.backup.errors import BackupTooNew, BackupUnreadable

FORMAT_VERSION = 1
MANIFEST = "manifest.json"
JOBS = "jobs.db"
SETTINGS = SETTINGS_FILE
KEYS = "keys"

DatabaseKind = Literal["sqlite", "postgresql"]
DATABASE_MEMBERS: dict[DatabaseKind, str] = {
    "sqlite": "certgate.db",
    "postgresql": "certgate.pgdump",
}

# The names of ca.keys.EncryptedFileKeys, and nothing that leads out of a folder.
_KEY_NAME = re.compile(r"keys/[a-z0-9][a-z0-9-]{0,62}\.pem")
_SMALL = 64 * 1024
MAXIMUM_MANIFEST = 4 * 1024 * 1024
_SHA256 = r"^[0-9a-f]{64}$"


class Member(BaseModel):
    """One file of the archive; SHA-256 in lower-case hex."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=_SHA256)]


class DatabaseFacts(BaseModel):
    """How far a database had come at one moment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_revision: Annotated[str, Field(pattern=r"^[0-9A-Za-z_]{1,32}$")]
    revocation_epoch: Annotated[int, Field(ge=0)]
    audit_sequence: Annotated[int, Field(ge=0)]
    audit_hash: Annotated[str, Field(pattern=_SHA256)]


class Manifest(BaseModel):
    """What a backup says of itself. `host` and `pki_port` are in every certificate."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["certgate-backup"] = "certgate-backup"
    version: int = FORMAT_VERSION
    created_at: AwareDatetime
    database_kind: DatabaseKind
    database: DatabaseFacts
    host: Annotated[str, Field(max_length=253)]
    pki_port: int
    members: dict[str, Member]

    @property
    def database_member(self) -> str:
        """The name of the member that holds the database."""
        return DATABASE_MEMBERS[self.database_kind]

    @property
    def key_members(self) -> list[str]:
        """The names of the members that hold keys."""
        return sorted(name for name in self.members if is_key(name))

    @model_validator(mode="after")
    def _only_what_a_backup_holds(self) -> "Manifest":
        jobs = [JOBS] if self.database_kind == "sqlite" else []
        for name, member in self.members.items():
            if name in (self.database_member, *jobs):
                continue
            if name != SETTINGS and not is_key(name):
                raise ValueError("no backup holds a member of this name")
            if member.size > _SMALL:
                raise ValueError("a key or the settings are never this large")
        if self.database_member not in self.members:
            raise ValueError("the database is missing")
        return self


def is_key(name: str) -> bool:
    """Say whether a member of this name is a key file."""
    return _KEY_NAME.fullmatch(name) is not None


def read_manifest(content: bytes, file: str) -> Manifest:
    """Return the manifest in `content`.

    Raises `BackupUnreadable`, and `BackupTooNew` for a later format.
    """
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as wrong:
        raise BackupUnreadable(file) from wrong
    if manifest.version != FORMAT_VERSION:
        raise BackupTooNew(f"format {manifest.version}")
    return manifest
