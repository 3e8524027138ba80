"""A disk that can be full: a file system in memory, a few megabytes large."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_BLOCK = 4_096
_FILLER = "filler"


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Mount it at `folder`, which is made; skip the test where this account may not."""
    folder.mkdir()
    command: list[str | Path] = [
        "mount",
        "-t",
        "tmpfs",
        "-o",
        f"size={megabytes}m",
        "tmpfs",
        folder,
    ]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("this account may not mount")
    try:
        yield folder
    finally:
        # Lazily: whatever is still open there goes with its process.
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path) -> None:
    """Leave no room at all."""
    with (disk / _FILLER).open("ab", buffering=0) as filler:
        try:
            while filler.write(b"x" * _BLOCK):
                pass
        except OSError:
            return


def make_room(disk: Path) -> None:
    """Take away what filled it."""
    (disk / _FILLER).unlink()
