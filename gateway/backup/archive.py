"""The tar file: packing a folder, and unpacking what is not yet trusted.

Written by ourselves, read from anywhere. Nothing is unpacked by its own name
unless the manifest lists it, and the manifest takes no name but those a backup
has; so no path, link, device or sparse file gets through.
"""

import hashlib
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from gateway.backup.errors import BackupDamaged, BackupUnreadable, MemberRefused
from gateway.backup.manifest import KEYS, MANIFEST, MAXIMUM_MANIFEST, Manifest, Member
from gateway.backup.manifest import read_manifest as parse_manifest

_CHUNK = 1024 * 1024
_FILE_MODE = 0o600


def describe(file: Path) -> Member:
    """Return size and hash of a file."""
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return Member(size=file.stat().st_size, sha256=digest)


def pack(folder: Path, manifest: Manifest, archive: IO[bytes]) -> None:
    """Write the members of `manifest`, which lie in `folder`, to `archive`."""
    content = manifest.model_dump_json(indent=2).encode()
    moment = int(manifest.created_at.timestamp())
    # Not compressed: a bomb cannot be one, and PostgreSQL's dump is packed already.
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.PAX_FORMAT) as tar:
        (folder / MANIFEST).write_bytes(content)
        for name in (MANIFEST, *manifest.members):
            with (folder / name).open("rb") as file:
                tar.addfile(_header(name, os.fstat(file.fileno()).st_size, moment), file)


def unpack(archive: Path, folder: Path) -> Manifest:
    """Write the members into `folder` (modes 0700 and 0600) and return the manifest.

    Every member has the size and the hash that the manifest tells. Raises
    `BackupUnreadable`, `BackupTooNew`, `MemberRefused`, `BackupDamaged`.
    """
    with _opened(archive) as tar:
        manifest = _read_manifest(tar, archive)
        awaited = dict(manifest.members)
        while (header := tar.next()) is not None:
            expected = awaited.pop(header.name, None)
            if expected is None or not _is_plain(header):
                raise MemberRefused(header.name)
            if header.size != expected.size:
                raise BackupDamaged(header.name)
            _write_member(_content(tar, header), folder / header.name, expected)
        if awaited:
            raise BackupDamaged(min(awaited))
    return manifest


@contextmanager
def _opened(archive: Path) -> Iterator[tarfile.TarFile]:
    try:
        # "r:" and not "r": a compressed archive is not one of ours.
        with tarfile.open(archive, "r:") as tar:
            yield tar
    # The last three are what tarfile lets through for headers made to confuse it.
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as wrong:
        raise BackupUnreadable(str(archive)) from wrong


def _read_manifest(tar: tarfile.TarFile, archive: Path) -> Manifest:
    header = tar.next()
    if header is None or header.name != MANIFEST or not _is_plain(header):
        raise BackupUnreadable(str(archive))
    if header.size > MAXIMUM_MANIFEST:
        raise BackupUnreadable(str(archive))
    return parse_manifest(_content(tar, header).read(), str(archive))


def _is_plain(header: tarfile.TarInfo) -> bool:
    return header.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not header.issparse()


def _content(tar: tarfile.TarFile, header: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(header)
    assert content is not None, "a plain file has content"
    return content


def _write_member(content: IO[bytes], path: Path, expected: Member) -> None:
    if path.parent.name == KEYS:
        path.parent.mkdir(mode=0o700, exist_ok=True)
    digest = hashlib.sha256()
    # "x": a second member of the same name would not get here, nor does a link.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != expected.sha256:
        raise BackupDamaged(path.name)


def _header(name: str, size: int, moment: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size = size
    header.mtime = moment
    header.mode = _FILE_MODE
    return header
