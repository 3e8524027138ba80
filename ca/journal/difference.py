"""What a journal knows and the database does not.

Decided by hashes, not by counting alone: the database keeps the hash of the
last line it wrote (`JournalHead`), and whatever stands after that line in the
file is unknown to it. Epochs then show whether anything is missing in between.
"""

import hashlib
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ca.epoch import read_epoch
from ca.errors import HierarchyMissing
from ca.journal.entry import JournalEntry, JournalLine
from ca.journal.errors import JournalForeign, JournalGap
from ca.journal.file import JournalFile
from ca.journal.models import JournalHead
from ca.models import AuthorityRecord


@dataclass(frozen=True)
class Unknown:
    """Lines that the database does not know, oldest first."""

    lines: tuple[JournalLine, ...]

    @property
    def last_epoch(self) -> int:
        """The newest epoch that they tell of; 0 without lines."""
        return max((line.last for line in self.lines), default=0)

    @property
    def serial_numbers(self) -> frozenset[str]:
        """Every certificate that they name."""
        return frozenset(entry.serial_number for line in self.lines for entry in line.entries)

    def acts(self) -> tuple[JournalEntry, ...]:
        """Return the acts to do again, in their order.

        A line is written before its transaction commits. That it did is proved
        by the next line when that begins with a later epoch; otherwise it is
        open. An open revocation or hold is done: somebody ordered it. An open
        release is not: an officer may release again.
        """
        followers = (*self.lines[1:], None)
        return tuple(
            entry
            for line, following in zip(self.lines, followers, strict=True)
            for entry in line.entries
            if entry.act != "released" or (following is not None and following.first > line.last)
        )


def find_unknown(session: Session, file: JournalFile) -> Unknown:
    """Return what `file` tells and the database of `session` does not know.

    Reads no more of the file than that. Raises `JournalUnreadable`,
    `JournalDamaged`, `JournalForeign`, and `JournalGap` when epochs are missing
    between the two. Does not look at lines that the database knows.
    """
    present, root = read_epoch(session), fingerprint_of_root(session)
    known: JournalHead | None = None
    unknown: list[JournalLine] = []
    for line in file.lines_from_the_end():
        if line.root != root:
            raise JournalForeign(str(file.path))
        if not unknown:
            known = session.get(JournalHead, line.identity)
        if known is not None:
            if line.hash == known.head:
                break
            if line.last < known.last_epoch:
                # Older than the line we look for, which therefore is not here.
                return _of_another_time(unknown, known, file)
        elif line.last <= present:
            # A database from before the journal was begun knows its own acts.
            break
        unknown.append(line)
    else:
        if known is not None:
            return _of_another_time(unknown, known, file)
    lines = tuple(reversed(unknown))
    _require_no_gap(lines, known.last_epoch if known is not None else present, file)
    return Unknown(lines)


def fingerprint_of_root(session: Session) -> str:
    """Return the SHA-256 of our root certificate, which every line names, lower-case hex."""
    root = session.scalar(select(AuthorityRecord.certificate).where(AuthorityRecord.name == "root"))
    if root is None:
        raise HierarchyMissing
    return hashlib.sha256(root).hexdigest()


def _of_another_time(lines: list[JournalLine], known: JournalHead, file: JournalFile) -> Unknown:
    """Return nothing for an older copy of the journal; raises `JournalForeign` for a newer one."""
    if any(line.last > known.last_epoch for line in lines):
        raise JournalForeign(str(file.path))
    return Unknown(())


def _require_no_gap(lines: tuple[JournalLine, ...], reached: int, file: JournalFile) -> None:
    for line in lines:
        if line.first > reached + 1:
            raise JournalGap(str(file.path), reached + 1, line.first - 1)
        reached = max(reached, line.last)
