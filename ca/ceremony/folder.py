"""The folder of an offline root.

::

    ceremony.toml            the document, as it was reviewed
    keys/root-*.pem          the root's key, unless it is on a token
    server-keys/*.pem        keys made for the server, to be carried there and deleted
    records/NNNN-act.json    what the root signed (`ca.ceremony.records`)
    records/NNNN-act.md      the same for people, with room for their signatures
    public/                  certificates, the newest CRL and bundles for the server
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ca.ceremony.errors import CeremonyFolderInUse
from ca.ceremony.records import SignedRecord, read_records
from ca.keys.private_files import make_private_folder, write_private_file


@dataclass(frozen=True)
class CeremonyFolder:
    """Paths, and what is written where; nothing is ever written over."""

    path: Path

    @property
    def keys(self) -> Path:
        """Where the root's key is."""
        return self.path / "keys"

    @property
    def server_keys(self) -> Path:
        """Where keys for the server are."""
        return self.path / "server-keys"

    @property
    def records(self) -> Path:
        """Where the records are."""
        return self.path / "records"

    @property
    def public(self) -> Path:
        """Where everything is that may leave."""
        return self.path / "public"

    def begin(self) -> None:
        """Make the folder (mode 0700); raises `CeremonyFolderInUse` when it holds anything."""
        if self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir())):
            raise CeremonyFolderInUse(str(self.path))
        make_private_folder(self.path)

    def keep_document(self, octets: bytes) -> None:
        """Keep the document of the first session; later ones stand in their records."""
        write_private_file(self.path / "ceremony.toml", octets)

    def keep_transcript(self, signed: SignedRecord, text: str) -> Path:
        """Write the transcript of a record and return its file."""
        path = self.records / f"{signed.name}.md"
        write_private_file(path, text.encode())
        return path

    def publish(self, name: str, octets: bytes) -> Path:
        """Write something that may leave and return its file; the same again is no mistake."""
        make_private_folder(self.public)
        path = self.public / name
        if not path.exists() or path.read_bytes() != octets:
            write_private_file(path, octets)
        return path

    def read_records(self) -> Sequence[SignedRecord]:
        """Return every record, verified; see `ca.ceremony.records.read_records`."""
        return read_records(self.records)
