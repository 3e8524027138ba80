"""Making a backup while the server runs."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ca.errors import HierarchyMissing
from ca.keys.private_files import sync_folder
from foundation.audit import Actor
from gateway.backup.archive import describe, pack
from gateway.backup.errors import BackupExists, KeyNotEncrypted, told_storage_failures
from gateway.backup.facts import read_facts
from gateway.backup.manifest import (
    DATABASE_MEMBERS,
    JOBS,
    KEYS,
    SETTINGS,
    DatabaseFacts,
    DatabaseKind,
    Manifest,
    is_key,
)
from gateway.backup.postgresql import dump, exported_snapshot
from gateway.backup.sqlite import copy_sqlite, open_sqlite
from gateway.composition.ground import Ground

_ENCRYPTED = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"


@dataclass(frozen=True)
class MadeBackup:
    """A finished backup: where it is, its hash in lower-case hex, and what it says."""

    file: Path
    size: int
    sha256: str
    manifest: Manifest


def make_backup(ground: Ground, file: Path, by: Actor) -> MadeBackup:
    """Write one archive of database, keys and settings to `file` (mode 0600), whole or not at all.

    The passphrase of the keys is not in it. Raises `HierarchyMissing`,
    `BackupExists`, `KeyNotEncrypted`, `StorageFailed`, `ProgramMissing`,
    `ProgramFailed`. The act is recorded in the audit log, after the moment
    that the archive shows.
    """
    if file.exists():
        raise BackupExists(str(file))
    created_at = ground.clock.now().replace(microsecond=0)
    with told_storage_failures(), _working_folder(file) as work:
        # 1. The database first: a key is on disk before the database speaks of it.
        facts = _copy_database(ground, work)

        # 2. What lies beside it.
        _copy_keys(ground.settings.data / KEYS, work / KEYS)
        _copy_settings(ground.settings.data / SETTINGS, work / SETTINGS)

        # 3. Describe all of it.
        manifest = Manifest(
            created_at=created_at,
            database_kind=_kind(ground),
            database=facts,
            host=ground.settings.host,
            pki_port=ground.settings.pki_port,
            members={name: describe(work / name) for name in _names(work)},
        )

        # 4. Only a finished archive gets the name.
        with tempfile.NamedTemporaryFile(dir=work, delete=False) as archive:
            pack(work, manifest, archive)
            archive.flush()
            os.fsync(archive.fileno())
        draft = Path(archive.name)
        described = describe(draft)
        _name(draft, file)
    with ground.database.writing() as session:
        ground.audit.record(
            session,
            "backup.made",
            by=by,
            subject=f"backup:{file.name[:100]}",
            sha256=described.sha256,
            audit_sequence=facts.audit_sequence,
        )
    return MadeBackup(file, described.size, described.sha256, manifest)


def _kind(ground: Ground) -> DatabaseKind:
    return "sqlite" if ground.database.is_sqlite else "postgresql"


def _copy_database(ground: Ground, work: Path) -> DatabaseFacts:
    target = work / DATABASE_MEMBERS[_kind(ground)]
    if not ground.database.is_sqlite:
        with exported_snapshot(ground.database) as (session, snapshot):
            facts = read_facts(session)
            dump(ground.database, snapshot, target)
        return facts
    # The jobs are the older copy. The sweep finds filings that no job knows; a
    # job done for a filing that is not in the copy would keep the next filing
    # of that number from being reviewed.
    jobs = ground.settings.data / JOBS
    if jobs.exists():
        copy_sqlite(jobs, work / JOBS)
    path = ground.database.engine.url.database
    if path is None or not Path(path).exists():
        raise HierarchyMissing
    copy_sqlite(Path(path), target)
    copy = open_sqlite(target)
    try:
        with copy.reading() as session:
            return read_facts(session)
    finally:
        copy.dispose()


def _copy_keys(folder: Path, target: Path) -> None:
    target.mkdir(mode=0o700)
    for path in sorted(folder.glob("*.pem")):
        if not is_key(f"{KEYS}/{path.name}"):
            continue
        content = path.read_bytes()
        if not content.startswith(_ENCRYPTED):
            raise KeyNotEncrypted(str(path))
        (target / path.name).write_bytes(content)


def _copy_settings(source: Path, target: Path) -> None:
    if source.exists():
        shutil.copyfile(source, target)


def _names(work: Path) -> list[str]:
    return sorted(path.relative_to(work).as_posix() for path in work.rglob("*") if path.is_file())


def _name(draft: Path, file: Path) -> None:
    try:
        file.hardlink_to(draft)
    except FileExistsError as taken:
        raise BackupExists(str(file)) from taken
    except OSError:
        # File systems of sticks and shares may know no links.
        if file.exists():
            raise BackupExists(str(file)) from None
        draft.rename(file)
    sync_folder(file.parent)


@contextmanager
def _working_folder(file: Path) -> Iterator[Path]:
    # Beside the archive, so that naming it moves nothing; mode 0700.
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=f".{file.name[:64]}.") as work:
        yield Path(work)
