"""Why a backup cannot be made or brought back. In each case nothing is left half done."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from foundation.errors import Conflict, Invalid, Unavailable


class BackupExists(Conflict):
    """There is a file of this name; a backup never replaces one."""

    def __init__(self, file: str) -> None:
        super().__init__("backup-exists", file=file)


class KeyNotEncrypted(Conflict):
    """A key file lies open; it is not copied anywhere."""

    def __init__(self, file: str) -> None:
        super().__init__("backup-key-not-encrypted", file=file)


class BackupUnreadable(Invalid):
    """The file is not a backup, or is damaged where its contents are listed."""

    def __init__(self, file: str) -> None:
        super().__init__("backup-unreadable", file=file)


class BackupDamaged(Invalid):
    """A part is missing, cut short, or not what the manifest says."""

    def __init__(self, member: str) -> None:
        super().__init__("backup-damaged", member=ascii(member[:80]))


class MemberRefused(Invalid):
    """The archive holds what no backup holds: another name, a link, a second copy."""

    def __init__(self, member: str) -> None:
        super().__init__("backup-member-refused", member=ascii(member[:80]))


class BackupContradicts(Invalid):
    """The database in the archive is not the one that the manifest describes."""

    def __init__(self) -> None:
        super().__init__("backup-contradicts")


class BackupAuditBroken(Invalid):
    """The audit log in the archive does not hold."""

    def __init__(self, sequence: int, reason: str) -> None:
        super().__init__("backup-audit-broken", sequence=sequence, reason=reason)


class BackupTooNew(Conflict):
    """A later version of the program made this backup."""

    def __init__(self, revision: str) -> None:
        super().__init__("backup-too-new", revision=revision)


class OtherKindOfDatabase(Conflict):
    """The settings name another kind of database than the backup holds."""

    def __init__(self, kind: str, target: str) -> None:
        super().__init__("backup-other-database", kind=kind, target=target)


class DatabaseInUse(Conflict):
    """The database to restore into holds an installation."""

    def __init__(self, database: str) -> None:
        super().__init__("database-in-use", database=database)


class SettingsRefused(Invalid):
    """The settings in the archive do not fit, together with the environment's."""

    def __init__(self, problem: str) -> None:
        super().__init__("backup-settings-refused", problem=problem)


class PassphraseOpensNothing(Conflict):
    """The passphrase that lies ready is not the one of these keys."""

    def __init__(self, key_name: str, passphrase_file: str) -> None:
        super().__init__(
            "backup-passphrase-wrong", key_name=key_name, passphrase_file=passphrase_file
        )


class ProgramMissing(Unavailable):
    """A program of PostgreSQL's client is not installed."""

    def __init__(self, program: str) -> None:
        super().__init__("program-missing", program=program)


class ProgramFailed(Unavailable):
    """A program of PostgreSQL's client gave up; `problem` is its last line."""

    def __init__(self, program: str, problem: str) -> None:
        super().__init__("program-failed", program=program, problem=problem)


class StorageFailed(Unavailable):
    """A file cannot be read or written: no space, no right, no such folder."""

    def __init__(self, problem: str) -> None:
        super().__init__("backup-storage-failed", problem=problem)


@contextmanager
def told_storage_failures() -> Iterator[None]:
    """Turn what the file system and SQLite raise into `StorageFailed`."""
    try:
        yield
    except (OSError, sqlite3.Error) as failed:
        raise StorageFailed(str(failed)) from failed
