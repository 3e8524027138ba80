"""Giving restored files their names, and never taking a name from another file."""

import errno
import os
import shutil
import tempfile
from pathlib import Path

from ca.keys.private_files import make_private_folder, sync_folder
from foundation.errors import Conflict
from gateway.backup.manifest import JOBS, KEYS, SETTINGS, Manifest
from gateway.backup.sqlite import remains_of


def refuse_what_is_there(data: Path, staged: Path, database: Path | None) -> None:
    """Raise `Conflict` when the folder holds an installation or what is left of one.

    Keys that are the backup's own are let be: a restore was cut short here.
    """
    taken = remains_of(data / JOBS) + (remains_of(database) if database else [])
    for present in (data / KEYS).glob("*.pem"):
        restored = staged / KEYS / present.name
        if not restored.exists() or restored.read_bytes() != present.read_bytes():
            taken.append(present)
    if taken:
        raise Conflict("folder-in-use", folder=str(taken[0]))


def place_all(data: Path, staged: Path, manifest: Manifest, database: Path | None) -> None:
    """Move everything to where the program looks for it; the database comes last."""
    make_private_folder(data)
    make_private_folder(data / KEYS)
    for name in manifest.key_members:
        if not (data / name).exists():
            _place(staged / name, data / name)
    if SETTINGS in manifest.members and not (data / SETTINGS).exists():
        _place(staged / SETTINGS, data / SETTINGS)
    if JOBS in manifest.members:
        _place(staged / JOBS, data / JOBS)
    sync_folder(data / KEYS)
    sync_folder(data)
    if database is not None:
        _place(staged / manifest.database_member, database)
        sync_folder(database.parent)


def place_journal(given: Path | None, target: Path) -> None:
    """Copy the revocation journal `given` to its place; raises `Conflict` when another is there."""
    if given is None or (target.exists() and target.samefile(given)):
        return
    if not target.parent.exists():
        make_private_folder(target.parent)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".restore-") as nearby:
        copy = Path(shutil.copyfile(given, Path(nearby) / target.name))
        copy.chmod(0o600)
        with copy.open("rb") as content:
            os.fsync(content.fileno())
        _place(copy, target)
    sync_folder(target.parent)


def _place(staged: Path, target: Path) -> None:
    """Link `staged` under its name; raises `Conflict` when there is a file meanwhile."""
    try:
        target.hardlink_to(staged)
    except FileExistsError as taken:
        raise Conflict("folder-in-use", folder=str(target)) from taken
    except OSError as failed:
        if failed.errno != errno.EXDEV:
            raise
        # The database lies on another disk: bring the content there first.
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".restore-") as nearby:
            _place(Path(shutil.copy(staged, nearby)), target)
