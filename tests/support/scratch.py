"""Where tests write: in memory where there is room, since a disk waits for every commit.

What they write is thrown away, as with `fsync = off` for PostgreSQL; the code
under test still asks for durability. `TMPDIR` names another place.
"""

import os
import tempfile
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")
ENOUGH = 2 * 1024**3


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Choose the place before anything is written; workers inherit it."""
    if "TMPDIR" not in os.environ and _has_room(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)
        # What was asked before is remembered there.
        tempfile.tempdir = None


def _has_room(folder: Path) -> bool:
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    there = os.statvfs(folder)
    return there.f_bavail * there.f_frsize >= ENOUGH
