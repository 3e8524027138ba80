"""The file of the journal: appended to durably, read from its end.

Several processes may write it (the server and a command): whoever reads the
end in order to write after it holds a lock on the file (flock(2)).
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from ca.journal.entry import FIRST_PREVIOUS, BadLine, JournalLine, read_line
from ca.journal.errors import JournalDamaged, JournalUnreadable
from ca.keys.private_files import sync_folder

_BLOCK = 64 * 1024


class JournalFile:
    """A journal at `path`; every method opens it anew."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        """Say whether there is a file."""
        return self.path.exists()

    @contextmanager
    def open_to_append(self) -> Iterator["OpenJournal"]:
        """Open the file, made when it is missing, and keep other writers out.

        Raises `OSError`.
        """
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if is_new:
                sync_folder(self.path.parent)
            yield OpenJournal(descriptor, self.path)
        finally:
            os.close(descriptor)

    def put_away(self, now: datetime) -> None:
        """Give the file, if there is one, another name; nothing in it is lost. Raises `OSError`."""
        if self.path.exists():
            self.path.rename(self.path.with_name(f"{self.path.name}.{now:%Y%m%dT%H%M%S%fZ}"))
            sync_folder(self.path.parent)

    def lines_from_the_end(self) -> Iterator[JournalLine]:
        """Yield the lines, newest first; raises `JournalDamaged`, `JournalUnreadable`.

        A last line without its end is left out: whoever wrote it had not been
        told that it was kept.
        """
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as failed:
            raise JournalUnreadable(str(self.path)) from failed
        try:
            yield from OpenJournal(descriptor, self.path).lines_from_the_end()
        except OSError as failed:
            raise JournalUnreadable(str(self.path)) from failed
        finally:
            os.close(descriptor)


class OpenJournal:
    """A journal that is open; writing needs the lock of `JournalFile.open_to_append`."""

    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor = descriptor
        self._path = path

    def newest(self) -> JournalLine | None:
        """Return the last whole line, or None when there is none."""
        return next(self.lines_from_the_end(), None)

    def append(self, line: JournalLine) -> None:
        """Write `line` after the last whole one; durable when this returns."""
        end = self._end_of_whole_lines()
        if end != os.fstat(self._descriptor).st_size:
            # A crash cut the last line short. Its act was never acknowledged.
            os.ftruncate(self._descriptor, end)
        content = line.written()
        while content:
            content = content[os.write(self._descriptor, content) :]
        os.fsync(self._descriptor)

    def lines_from_the_end(self) -> Iterator[JournalLine]:
        """Yield the lines, newest first, each bound to the one before it."""
        following: JournalLine | None = None
        for text in self._texts_from_the_end():
            try:
                line = read_line(text)
            except BadLine as bad:
                raise JournalDamaged(str(self._path), str(bad)) from bad
            if following is not None and following.previous != line.hash:
                raise JournalDamaged(str(self._path), "does not follow the line before it")
            following = line
            yield line
        if following is not None and following.previous != FIRST_PREVIOUS:
            raise JournalDamaged(str(self._path), "has lost its beginning")

    def _texts_from_the_end(self) -> Iterator[bytes]:
        position = self._end_of_whole_lines()
        # What was read and not given out yet: the end of a line, in front of it
        # comes what is read next. Joined only when the line is whole.
        pieces: list[bytes] = []
        while position > 0:
            start = max(0, position - _BLOCK)
            block = os.pread(self._descriptor, position - start, start)
            position = start
            head, *lines = block.split(b"\n")
            for text in reversed(lines):
                whole = b"".join((text, *reversed(pieces)))
                pieces = []
                if whole:
                    yield whole
            pieces.append(head)
        if whole := b"".join(reversed(pieces)):
            yield whole

    def _end_of_whole_lines(self) -> int:
        position = os.fstat(self._descriptor).st_size
        while position > 0:
            start = max(0, position - _BLOCK)
            found = os.pread(self._descriptor, position - start, start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            position = start
        return 0
