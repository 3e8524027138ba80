"""Nothing in an archive reaches a place of its own choosing."""

import hashlib
import io
import json
import stat
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from foundation.errors import Failure
from gateway.backup.archive import describe, pack, unpack
from gateway.backup.errors import (
    BackupDamaged,
    BackupTooNew,
    BackupUnreadable,
    MemberRefused,
)
from gateway.backup.manifest import DatabaseFacts, Manifest

CONTENTS = {"certgate.db": b"database", "keys/root-00.pem": b"key", "certgate.toml": b""}

Change = Callable[[tarfile.TarInfo], None]


def manifest_of(contents: dict[str, bytes], **changes: Any) -> dict[str, Any]:
    """The manifest as JSON, with hashes that fit."""
    members = {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in contents.items()
    }
    return {
        "format": "certgate-backup",
        "version": 1,
        "created_at": "2027-01-04T09:00:00Z",
        "database_kind": "sqlite",
        "database": {
            "schema_revision": "0001",
            "revocation_epoch": 0,
            "audit_sequence": 0,
            "audit_hash": "0" * 64,
        },
        "host": "localhost",
        "pki_port": 8080,
        "members": members,
        **changes,
    }


def header_of(name: str, size: int = 0, **changes: Any) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size = size
    for field, value in changes.items():
        setattr(header, field, value)
    return header


class Builder:
    """Writes archives as no backup would."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "backup.tar"
        self.home = folder / "home"
        self.home.mkdir()

    def write(
        self, manifest: object, entries: list[tuple[tarfile.TarInfo, bytes]], mode: str = "w"
    ) -> None:
        content = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
        with tarfile.open(self.file, mode) as tar:  # type: ignore[call-overload]
            for header, octets in [(header_of("manifest.json", len(content)), content), *entries]:
                tar.addfile(header, io.BytesIO(octets))

    def write_plain(self, contents: dict[str, bytes], manifest: object) -> None:
        entries = [(header_of(name, len(content)), content) for name, content in contents.items()]
        self.write(manifest, entries)

    def refusal(self) -> Failure:
        with pytest.raises(Failure) as refused:
            unpack(self.file, self.home)
        return refused.value


@pytest.fixture
def builder(tmp_path: Path) -> Builder:
    return Builder(tmp_path)


def test_what_was_packed_comes_out(tmp_path: Path, builder: Builder) -> None:
    source = tmp_path / "source"
    for name, content in CONTENTS.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(content)
    manifest = Manifest(
        created_at=datetime(2027, 1, 4, tzinfo=UTC),
        database_kind="sqlite",
        database=DatabaseFacts(
            schema_revision="0001", revocation_epoch=3, audit_sequence=7, audit_hash="a" * 64
        ),
        host="localhost",
        pki_port=8080,
        members={name: describe(source / name) for name in CONTENTS},
    )
    with builder.file.open("wb") as file:
        pack(source, manifest, file)

    assert unpack(builder.file, builder.home) == manifest
    for name, content in CONTENTS.items():
        path = builder.home / name
        assert path.read_bytes() == content
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((builder.home / "keys").stat().st_mode) == 0o700


def test_the_builder_itself_is_accepted(builder: Builder) -> None:
    builder.write_plain(CONTENTS, manifest_of(CONTENTS))
    assert unpack(builder.file, builder.home).key_members == ["keys/root-00.pem"]


@pytest.mark.parametrize(
    "name",
    [
        "../escaped", "/tmp/escaped", "keys/../../escaped.pem", "keys/passphrase", "keys/.pem",
        "keys/a/b.pem", "keys//a.pem", "./certgate.toml", "certgate.db-wal", "certgate.pgdump",
        "manifest.json", "keys/a.pem\n", "keys/A.pem", "",
    ],
)  # fmt: skip
def test_a_name_no_backup_has_is_refused_even_when_listed(builder: Builder, name: str) -> None:
    contents = {**CONTENTS, name: b"x"}
    builder.write_plain(contents, manifest_of(contents))
    assert isinstance(builder.refusal(), BackupUnreadable)
    assert list(builder.home.iterdir()) == []


@pytest.mark.parametrize("name", ["../escaped", "/tmp/escaped", "keys/other.pem", "certgate.toml"])
def test_a_name_that_is_not_listed_is_refused(builder: Builder, name: str) -> None:
    builder.write_plain({**CONTENTS, name: b"x"}, manifest_of({"certgate.db": b"database"}))
    assert isinstance(builder.refusal(), MemberRefused)


@pytest.mark.parametrize(
    "kind",
    [
        tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE,
        tarfile.BLKTYPE, tarfile.CONTTYPE,
    ],
)  # fmt: skip
def test_only_plain_files_are_unpacked(builder: Builder, kind: bytes) -> None:
    link = header_of("certgate.db", type=kind, linkname="/etc/hostname")
    builder.write(manifest_of({"certgate.db": b""}), [(link, b"")])
    assert isinstance(builder.refusal(), MemberRefused)
    assert list(builder.home.iterdir()) == []


def test_a_second_member_of_a_name_is_refused(builder: Builder) -> None:
    entry = (header_of("certgate.db", 8), b"database")
    builder.write(manifest_of({"certgate.db": b"database"}), [entry, entry])
    assert isinstance(builder.refusal(), MemberRefused)


@pytest.mark.parametrize("content", [b"DATABASE", b"databas", b"database!"])
def test_other_content_than_listed_is_refused(builder: Builder, content: bytes) -> None:
    builder.write_plain({"certgate.db": content}, manifest_of({"certgate.db": b"database"}))
    assert isinstance(builder.refusal(), BackupDamaged)


def test_a_missing_member_is_refused(builder: Builder) -> None:
    builder.write_plain({"certgate.db": b"database"}, manifest_of(CONTENTS))
    assert isinstance(builder.refusal(), BackupDamaged)


def test_keys_and_settings_are_small(builder: Builder) -> None:
    contents = {**CONTENTS, "keys/root-00.pem": bytes(64 * 1024 + 1)}
    builder.write_plain(contents, manifest_of(contents))
    assert isinstance(builder.refusal(), BackupUnreadable)


def test_a_compressed_archive_is_not_opened(builder: Builder) -> None:
    builder.write(manifest_of({"certgate.db": b""}), [(header_of("certgate.db"), b"")], "w:gz")
    assert isinstance(builder.refusal(), BackupUnreadable)


def test_a_huge_manifest_is_not_read(builder: Builder) -> None:
    builder.write(b" " * (4 * 1024 * 1024 + 1), [])
    assert isinstance(builder.refusal(), BackupUnreadable)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"}, {"version": "x"}, {"created_at": "2027-01-04T09:00:00"},
        {"database_kind": "postgresql"}, {"members": {}}, {"more": 1}, {"database": {}},
    ],
)  # fmt: skip
def test_a_manifest_of_another_shape_is_refused(builder: Builder, change: dict[str, Any]) -> None:
    builder.write_plain(CONTENTS, manifest_of(CONTENTS, **change))
    assert isinstance(builder.refusal(), BackupUnreadable)


def test_a_later_format_is_told_apart(builder: Builder) -> None:
    builder.write_plain(CONTENTS, manifest_of(CONTENTS, version=2))
    assert isinstance(builder.refusal(), BackupTooNew)


def test_the_manifest_comes_first(builder: Builder) -> None:
    with tarfile.open(builder.file, "w") as tar:
        tar.addfile(header_of("certgate.db", 8), io.BytesIO(b"database"))
    assert isinstance(builder.refusal(), BackupUnreadable)


def test_what_is_told_of_a_name_cannot_steer_the_terminal(builder: Builder) -> None:
    builder.write_plain(
        {"certgate.db": b"", "\x1b[2Jgone": b"x"}, manifest_of({"certgate.db": b""})
    )
    assert "\x1b" not in str(builder.refusal().params)
