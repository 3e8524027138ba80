"""Backup and restore: one file with everything but the passphrase."""

from gateway.backup.making import MadeBackup, make_backup
from gateway.backup.restoring import Restored, restore_backup

__all__ = ["MadeBackup", "Restored", "make_backup", "restore_backup"]
