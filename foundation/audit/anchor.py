"""Checkpoints kept outside: a file on another disk, a share that only takes additions.

Who rewrites the whole log with fresh hashes, or cuts its end off, has to change
this file too. It is only ever appended to. Beyond that it is as safe as the
place an operator chose; its lines are signed notes, one after the other.
"""

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

from foundation.audit.checkpoint import Checkpoint, read_checkpoint
from foundation.audit.note import NoteRefused, VerifierKey, open_note

# Between two notes. No note has two empty lines one after the other in it.
_BETWEEN = "\n\n\n"
# Notes of ours are a few hundred octets.
_LONGEST = 64 * 1024


class Anchor:
    """The file at `path`; made when the first checkpoint comes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, note: str) -> None:
        """Add a note at the end, durably, unless it is there already; raises `OSError`."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _pieces(_read_end(descriptor))[-1] == note.strip("\n"):
                return
            # What a crash may have cut short stands before it as a piece of its own.
            content = (_BETWEEN + note).encode()
            while content:
                content = content[os.write(descriptor, content) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def holds(self, note: str) -> bool:
        """Say whether the note is among those at the end of the file."""
        try:
            with self.path.open("rb") as file:
                return note.strip("\n") in _pieces(_read_end(file.fileno()))
        except OSError:
            return False

    def read(self, keys: Sequence[VerifierKey]) -> list[Checkpoint]:
        """Return the anchored checkpoints that one of `keys` has signed, in their order.

        Pieces that are no such notes are skipped: a crash may have left one,
        and others may use the file too. Raises `OSError`.
        """
        return read_notes(self.path.read_text(encoding="utf-8", errors="replace"), keys)


def read_notes(content: str, keys: Sequence[VerifierKey]) -> list[Checkpoint]:
    """Return the checkpoints among the notes of a file that one of `keys` has signed."""
    found: list[Checkpoint] = []
    for piece in _pieces(content):
        try:
            text, _ = open_note(piece + "\n", keys)
            found.append(read_checkpoint(text))
        except NoteRefused:
            continue
    return found


def _pieces(content: str) -> list[str]:
    return [piece.strip("\n") for piece in content.split(_BETWEEN)]


def _read_end(descriptor: int) -> str:
    size = os.fstat(descriptor).st_size
    start = max(0, size - _LONGEST)
    return os.pread(descriptor, size - start, start).decode("utf-8", errors="replace")
