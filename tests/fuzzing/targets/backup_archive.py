"""The tar file of a backup: refused, or exactly the files that its manifest tells."""

import hashlib
import io
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from foundation.errors import Conflict, Invalid
from gateway.backup.archive import describe, pack, unpack
from gateway.backup.manifest import DatabaseFacts, Manifest
from tests.fuzzing.target import Target


def examine(data: bytes) -> None:
    folder = Path(tempfile.mkdtemp(prefix="certgate-fuzz-"))
    try:
        archive, place = folder / "backup", folder / "place"
        archive.write_bytes(data)
        place.mkdir()
        try:
            manifest = unpack(archive, place)
        except (Invalid, Conflict):
            pass
        else:
            files = {file for file in place.rglob("*") if not file.is_dir()}
            assert {str(file.relative_to(place)) for file in files} == set(manifest.members)
            for name, member in manifest.members.items():
                content = (place / name).read_bytes()
                assert len(content) == member.size
                assert hashlib.sha256(content).hexdigest() == member.sha256
        assert {file.name for file in folder.iterdir()} == {"backup", "place"}, "it got out"
        assert not any(file.is_symlink() for file in place.rglob("*"))
    finally:
        shutil.rmtree(folder)


def seeds() -> Iterator[bytes]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "keys").mkdir()
        for member in ("certgate.db", "jobs.db", "keys/root-1.pem", "certgate.toml"):
            (folder / member).write_bytes(member.encode())
        for members in (["certgate.db"], ["certgate.db", "jobs.db", "keys/root-1.pem"]):
            manifest = Manifest(
                created_at=datetime(2027, 1, 4, 9, tzinfo=UTC),
                database_kind="sqlite",
                database=DatabaseFacts(
                    schema_revision="0001",
                    revocation_epoch=0,
                    audit_sequence=0,
                    audit_hash="0" * 64,
                ),
                host="localhost",
                pki_port=8080,
                members={member: describe(folder / member) for member in members},
            )
            archive = io.BytesIO()
            pack(folder, manifest, archive)
            # Without most of the zeroes at the end, which only make it long.
            yield archive.getvalue().rstrip(b"\0") + bytes(1_024)


TARGET = Target(
    examine,
    seeds,
    words=(
        b"manifest.json", b"certgate.db", b"../", b"keys/root-1.pem", b"ustar\x0000",
        b"GNU.sparse.map=", b"path=", b"linkpath=", b"size=", b"17 size=-1\n", b"\x80\x00\x00\x00",
    ),
    longest=8_192,
)  # fmt: skip
