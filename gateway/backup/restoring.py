"""Bringing a backup back, into a place where nothing is yet.

Everything is checked before anything gets its name; the database gets its own
last, so that a restore cut short is no installation and can be repeated.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from foundation.audit import Actor
from foundation.clock import Clock
from foundation.database import Database
from foundation.database.schema import knows_revision, upgrade_schema
from foundation.settings import Settings
from gateway.backup.archive import describe, unpack
from gateway.backup.continuation import go_on, verify_audit_log, verify_described
from gateway.backup.errors import (
    BackupTooNew,
    DatabaseInUse,
    OtherKindOfDatabase,
    SettingsRefused,
    told_storage_failures,
)
from gateway.backup.manifest import KEYS, SETTINGS, Manifest
from gateway.backup.placing import place_all, place_journal, refuse_what_is_there
from gateway.backup.postgresql import holds_installation, load
from gateway.backup.restored_keys import passphrase_file_of, verify_keys_open
from gateway.backup.sqlite import open_sqlite
from gateway.composition.ground import Ground, lay_ground
from gateway.composition.occupancy import occupied


@dataclass(frozen=True)
class Restored:
    """What was put in place. Without the passphrase in `passphrase_file` it does not start."""

    settings: Settings
    manifest: Manifest
    audit_entries: int
    passphrase_file: Path
    has_passphrase: bool


def restore_backup(
    file: Path, data: Path, by: Actor, *, journal: Path | None = None, clock: Clock | None = None
) -> Restored:
    """Restore the archive `file` into the folder `data` and the database its settings name.

    Settings, passphrase and revocation journal that lie in place already are
    kept and used; `journal` is copied to its place when there is none. Sessions
    of the backup are ended. What the journal tells of the time since is done by
    the next start, for which the keys are needed (`ca.journal.settlement`);
    without a journal the standing of revocations says that it is unknown.

    Raises a `Failure` of `gateway.backup.errors`; `Conflict` when the folder
    or the database holds an installation, or a server runs on it. A database
    on PostgreSQL that was filled before a check failed stays filled.
    """
    with told_storage_failures(), _staging_folder(data) as staged:
        # 1. The archive is whole, unchanged, and of a version this program knows.
        manifest = unpack(file, staged)
        if not knows_revision(manifest.database.schema_revision):
            raise BackupTooNew(manifest.database.schema_revision)
        settings = _read_settings(staged, data)
        with _laid_ground(settings, clock) as ground:
            # 2. Nothing is there that would be lost.
            database_file = _database_file(ground, manifest)
            refuse_what_is_there(data, staged, database_file)

            # 3. A passphrase that lies ready is the right one.
            passphrase_file = passphrase_file_of(settings)
            has_passphrase = passphrase_file.exists()
            if has_passphrase:
                verify_keys_open(staged / KEYS, passphrase_file)

            # 4. What was revoked since then.
            place_journal(journal, settings.resolved_journal)

            # 5. The database is the one described; brought up to date; its log holds.
            with _filled_database(ground, manifest, staged) as database:
                verify_described(database, manifest)
                upgrade_schema(database)
                entries = verify_audit_log(database)
                go_on(database, ground, manifest, describe(file).sha256, by)

            # 6. Everything under its name.
            place_all(data, staged, manifest, database_file)
    return Restored(settings, manifest, entries, passphrase_file, has_passphrase)


@contextmanager
def _staging_folder(data: Path) -> Iterator[Path]:
    # In the data folder: the same disk, and nobody else looks in.
    with (
        occupied(data, alone=True),
        tempfile.TemporaryDirectory(dir=data, prefix=".restore-") as folder,
    ):
        yield Path(folder)


def _read_settings(staged: Path, data: Path) -> Settings:
    """Return the settings as they will be: the folder's own file wins over the archive's."""
    source = data if (data / SETTINGS).exists() else staged
    try:
        return Settings.load(source).model_copy(update={"data": data})
    except ValidationError as wrong:
        error = wrong.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in error["loc"])
        raise SettingsRefused(f"{where}: {error['msg']}") from wrong


@contextmanager
def _laid_ground(settings: Settings, clock: Clock | None) -> Iterator[Ground]:
    ground = lay_ground(settings, clock=clock)
    try:
        yield ground
    finally:
        ground.database.dispose()


def _database_file(ground: Ground, manifest: Manifest) -> Path | None:
    """Return where the SQLite file goes, None on PostgreSQL.

    Raises `OtherKindOfDatabase`, `DatabaseInUse`.
    """
    database = ground.database
    target = "sqlite" if database.is_sqlite else "postgresql"
    if target != manifest.database_kind:
        raise OtherKindOfDatabase(manifest.database_kind, target)
    if not database.is_sqlite:
        if holds_installation(database):
            raise DatabaseInUse(database.engine.url.render_as_string(hide_password=True))
        return None
    path = database.engine.url.database
    assert path is not None, "settings name a file"
    return Path(path)


@contextmanager
def _filled_database(ground: Ground, manifest: Manifest, staged: Path) -> Iterator[Database]:
    content = staged / manifest.database_member
    if not ground.database.is_sqlite:
        load(ground.database, content)
        yield ground.database
        return
    database = open_sqlite(content)
    try:
        yield database
    finally:
        # The last to close brings everything from the log into the file.
        database.dispose()
