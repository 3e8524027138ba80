"""Archives that somebody has worked on: each is refused, and the folder stays empty."""

import io
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from foundation.errors import Failure
from gateway.backup import make_backup, restore_backup
from gateway.backup.archive import describe, pack, unpack
from gateway.backup.manifest import Manifest
from tests.support.bureau import OPERATOR, Bureau

Forge = Callable[[Path, Manifest], Manifest]


@pytest.fixture
def archive(bureau: Bureau, tmp_path: Path) -> Path:
    return make_backup(bureau.house.ground, tmp_path / "backup.tar", OPERATOR).file


@pytest.fixture
def refusal(
    bureau: Bureau,
    tmp_path: Path,
    postgresql_databases: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Path], str]:
    """A function that restores an archive, sees it refused, and returns the code."""
    home = tmp_path / "restored"
    if not bureau.house.database.is_sqlite:
        monkeypatch.setenv("CERTGATE_DATABASE_URL", postgresql_databases("template0"))

    def restore(file: Path) -> str:
        with pytest.raises(Failure) as refused:
            restore_backup(file, home, OPERATOR, clock=bureau.clock)
        assert [path.name for path in home.iterdir()] == ["certgate.lock"]
        return refused.value.code

    return restore


def forge(archive: Path, change: Forge) -> Path:
    """Unpack, change, and pack again with hashes that fit."""
    folder = archive.with_name("forged")
    folder.mkdir()
    manifest = change(folder, unpack(archive, folder))
    members = {name: describe(folder / name) for name in manifest.members}
    forged = archive.with_name("forged.tar")
    with forged.open("wb") as file:
        pack(folder, manifest.model_copy(update={"members": members}), file)
    return forged


def test_one_changed_octet_is_found_in_every_part(
    archive: Path, refusal: Callable[[Path], str]
) -> None:
    octets = archive.read_bytes()
    with tarfile.open(archive, "r:") as tar:
        places = [member.offset_data + member.size // 2 for member in tar if member.size]
    for place in places[1:]:
        changed = bytearray(octets)
        changed[place] ^= 1
        archive.write_bytes(changed)
        assert refusal(archive) == "backup-damaged"


def test_an_archive_cut_short_is_found_wherever_it_was_cut(
    archive: Path, refusal: Callable[[Path], str]
) -> None:
    octets = archive.read_bytes()
    with tarfile.open(archive, "r:") as tar:
        members = list(tar)
    cuts = [0, 100, 512, *(member.offset for member in members)]
    cuts += [member.offset_data + member.size - 1 for member in members]
    for cut in cuts:
        archive.write_bytes(octets[:cut])
        assert refusal(archive) in {"backup-damaged", "backup-unreadable"}, cut


def test_a_backup_of_a_later_schema_is_refused(
    archive: Path, refusal: Callable[[Path], str]
) -> None:
    def later(_: Path, manifest: Manifest) -> Manifest:
        database = manifest.database.model_copy(update={"schema_revision": "9999"})
        return manifest.model_copy(update={"database": database})

    assert refusal(forge(archive, later)) == "backup-too-new"


@pytest.mark.parametrize(
    "fact", [{"audit_sequence": 1}, {"audit_hash": "0" * 64}, {"revocation_epoch": 99}]
)
def test_a_database_other_than_the_described_one_is_refused(
    archive: Path, refusal: Callable[[Path], str], fact: dict[str, int | str]
) -> None:
    def describe_otherwise(_: Path, manifest: Manifest) -> Manifest:
        database = manifest.database.model_copy(update=fact)
        return manifest.model_copy(update={"database": database})

    assert refusal(forge(archive, describe_otherwise)) == "backup-contradicts"


def test_something_else_in_the_databases_place_is_refused(
    archive: Path, refusal: Callable[[Path], str]
) -> None:
    def put_noise(folder: Path, manifest: Manifest) -> Manifest:
        (folder / manifest.database_member).write_bytes(b"noise" * 1000)
        return manifest

    assert refusal(forge(archive, put_noise)) in {"backup-contradicts", "program-failed"}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_rewritten_audit_log_is_refused(archive: Path, refusal: Callable[[Path], str]) -> None:
    def rewrite(folder: Path, manifest: Manifest) -> Manifest:
        with closing(sqlite3.connect(folder / manifest.database_member)) as database:
            database.execute("DROP TRIGGER audit_entries_no_update")
            database.execute("UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 2")
            database.commit()
        return manifest

    assert refusal(forge(archive, rewrite)) == "backup-audit-broken"


def test_settings_that_do_not_fit_are_refused(
    archive: Path, refusal: Callable[[Path], str]
) -> None:
    def add_settings(folder: Path, manifest: Manifest) -> Manifest:
        (folder / "certgate.toml").write_text("pki_port = 0\n")
        members = {**manifest.members, "certgate.toml": describe(folder / "certgate.toml")}
        return manifest.model_copy(update={"members": members})

    assert refusal(forge(archive, add_settings)) == "backup-settings-refused"


def test_a_member_that_the_manifest_does_not_list_is_refused(
    archive: Path, refusal: Callable[[Path], str]
) -> None:
    with tarfile.open(archive, "a") as tar:
        header = tarfile.TarInfo("../../escaped")
        header.size = 1
        tar.addfile(header, io.BytesIO(b"x"))

    assert refusal(archive) == "backup-member-refused"
    assert not archive.parent.with_name("escaped").exists()
