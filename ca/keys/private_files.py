"""Files that only their owner may read, written whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

_FOLDER_MODE = 0o700


def make_private_folder(folder: Path) -> None:
    """Make `folder` (mode 0700) if it is missing; one that others may enter is closed to them."""
    folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    folder.chmod(_FOLDER_MODE)


def write_private_file(path: Path, content: bytes) -> None:
    """Write a new file (mode 0600) durably and whole; raises `FileExistsError`.

    The content is complete on disk before it gets its name, so a crash leaves
    no half file. Linking never replaces a file or follows a link.
    """
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        _fill(descriptor, content)
        Path(path).hardlink_to(draft)
    finally:
        Path(draft).unlink()
    sync_folder(path.parent)


def replace_private_file(path: Path, content: bytes) -> None:
    """Write a file (mode 0600) durably and whole, in place of one that may be there.

    Whoever reads it meanwhile has the old one or the new one.
    """
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        _fill(descriptor, content)
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)
    sync_folder(path.parent)


def find_exposed(folder: Path) -> Iterator[Path]:
    """Yield the folder and files in it that anybody but the owner may use."""
    for path in (folder, *sorted(folder.iterdir())):
        if path.stat().st_mode & 0o077:
            yield path


def _fill(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: a power cut may forget them (fsync(2))."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
