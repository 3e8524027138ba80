"""What a journal knows and the database does not.

Decided by hashes, not by counting alone: the database keeps the hash of the
last line it wrote (`JournalHead`), and whatever stands after that line in the
file is unknown to it. Epochs then show whether anything is missing in between.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from sqlalchemy import func, select
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
    """Lines that a database does not know, of each journal by itself, oldest first."""

    journals: tuple[tuple[JournalLine, ...], ...]

    @property
    def lines(self) -> tuple[JournalLine, ...]:
        """The lines of all journals."""
        return tuple(line for lines in self.journals for line in lines)

    @property
    def last_epoch(self) -> int:
        """The newest epoch that they tell of; 0 without lines."""
        return max((line.last for line in self.lines), default=0)

    def acts(self) -> list[JournalEntry]:
        """Return the acts to do again, in the order of their epochs.

        A line is written before its transaction commits. That it did is proved
        by the next line when that begins with a later epoch; otherwise what the
        transaction did is open. An open revocation or hold is done: somebody ordered it. An open
        release is not: an officer may release again.
        """
        acts = [act for lines in self.journals for act in _acts_of(lines)]
        return sorted(acts, key=lambda act: act.epoch)


def find_unknown(session: Session, files: Sequence[JournalFile]) -> Unknown:
    """Return what the journals tell and the database of `session` does not know.

    Reads no more of the files than that. Raises `JournalUnreadable`,
    `JournalDamaged`, `JournalForeign`, and `JournalGap` when epochs are missing
    that none of them tells of. Does not look at lines that the database knows.
    """
    root = fingerprint_of_root(session)
    unknown = Unknown(tuple(_unknown_lines(session, file, root) for file in files))
    reached = session.scalar(select(func.max(JournalHead.last_epoch)))
    reached = read_epoch(session) if reached is None else reached
    for line in sorted(unknown.lines, key=lambda line: line.first):
        if line.first > reached + 1:
            raise JournalGap(str(files[0].path), reached + 1, line.first - 1)
        reached = max(reached, line.last)
    return unknown


def fingerprint_of_root(session: Session) -> str:
    """Return the SHA-256 of our root certificate, which every line names, lower-case hex."""
    root = session.scalar(select(AuthorityRecord.certificate).where(AuthorityRecord.name == "root"))
    if root is None:
        raise HierarchyMissing
    return hashlib.sha256(root).hexdigest()


def _unknown_lines(session: Session, file: JournalFile, root: str) -> tuple[JournalLine, ...]:
    known: JournalHead | None = None
    unknown: list[JournalLine] = []
    for line in file.lines_from_the_end():
        if line.root != root:
            raise JournalForeign(str(file.path))
        if not unknown:
            known = session.get(JournalHead, line.identity)
        if known is not None and line.hash == known.head:
            return tuple(reversed(unknown))
        if known is not None and line.last < known.last_epoch:
            # Older than the line we look for, which therefore is not here.
            break
        unknown.append(line)
    if known is None:
        # A database from before the journal was begun gets all of it: what it
        # knows already is done and stays done.
        return tuple(reversed(unknown))
    if any(line.last > known.last_epoch for line in unknown):
        raise JournalForeign(str(file.path))
    # An older copy of the journal tells nothing new.
    return ()


def _acts_of(lines: tuple[JournalLine, ...]) -> Iterator[JournalEntry]:
    for line, following in zip_longest(lines, lines[1:]):
        is_proved = following is not None and following.first > line.last
        for entry in line.entries:
            if is_proved or entry.epoch < line.open_from or entry.act != "released":
                yield entry
