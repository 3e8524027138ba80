"""The manifest of a backup: refused, or written again it says the same."""

import json
from collections.abc import Iterator

from gateway.backup.errors import BackupTooNew, BackupUnreadable
from gateway.backup.manifest import is_key, read_manifest
from tests.fuzzing.target import Target
from tests.fuzzing.targets import backup_archive


def examine(data: bytes) -> None:
    try:
        manifest = read_manifest(data, "backup")
    except (BackupUnreadable, BackupTooNew):
        return
    assert read_manifest(manifest.model_dump_json().encode(), "backup") == manifest
    known = {manifest.database_member, "jobs.db", "certgate.toml"}
    assert all(name in known or is_key(name) for name in manifest.members)


def seeds() -> Iterator[bytes]:
    decoder = json.JSONDecoder()
    for archive in backup_archive.seeds():
        text = archive[archive.index(b"{") :].decode("latin-1")
        _, end = decoder.raw_decode(text)
        yield text[:end].encode("latin-1")


TARGET = Target(
    examine, seeds, words=(b'"members"', b'"size"', b'"keys/', b"1e999", b"NaN", b'"version": 2')
)
