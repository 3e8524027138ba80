"""Writing the revocation journal, as the last thing before an act commits."""

from collections.abc import Sequence
from pathlib import Path

import structlog
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ca.epoch import lock_epoch, read_epoch
from ca.journal.difference import find_unknown, fingerprint_of_root
from ca.journal.entry import FIRST_PREVIOUS, JournalEntry, JournalLine
from ca.journal.errors import JournalUnreadable
from ca.journal.file import JournalFile, OpenJournal
from ca.journal.models import JournalHead, RevocationChange
from ca.journal.snapshot import read_standing
from ca.journal.unreconciled import forget_revoked, set_aside
from foundation.clock import Clock
from foundation.database import Database, before_commit
from foundation.errors import Failure
from foundation.randomness import Randomness

_COLUMNS = tuple(JournalEntry.model_fields)
_PENDING = "certgate_revocation_changes"
_SETTLED = "certgate_revocations_settled"
# Of one line; a journal that is begun on an old installation may have a million.
_LONGEST = 10_000
_IDENTITY_OCTETS = 16

_LOG = structlog.get_logger(__name__)


class RevocationJournal:
    """The journal of this node: an append-only file beside or away from the database."""

    def __init__(self, path: Path, *, clock: Clock, randomness: Randomness) -> None:
        self.file = JournalFile(path)
        self._clock = clock
        self._randomness = randomness

    def append(self, session: Session, entry: JournalEntry) -> None:
        """Have `entry` written and fsynced before the transaction of `session` commits.

        All entries of a transaction become one line. A journal that cannot be
        written does not stop the act, because a lost key has to die now: it is
        logged, `certgate doctor` tells, and `catch_up` writes it later.
        """
        self._pending(session).append(entry)

    def settle(self, session: Session) -> None:
        """Have it written before the commit that lines unknown to the database are done now.

        Raises `OSError` and `Failure` from the commit when it cannot be written.
        """
        self._pending(session)
        session.info[_SETTLED] = True

    def begin(self, session: Session) -> None:
        """Make the file, with the present standing of all certificates; raises `OSError`.

        Does nothing when it is there. The caller knows that there should be none.
        """
        # The epoch before the file, as acts take them: nobody waits in a circle.
        lock_epoch(session)
        with self.file.open_to_append() as journal:
            if journal.newest() is None:
                self._write_standing(session, journal)

    def catch_up(self, database: Database) -> None:
        """Write what other nodes have done, and what could not be written before.

        A job calls it. Raises `OSError` and `Failure` when it cannot be written.
        """
        if not self.file.exists():
            raise JournalUnreadable(str(self.file.path))
        newest = next(self.file.lines_from_the_end(), None)
        with database.reading() as session:
            if newest is not None and newest.last >= read_epoch(session):
                return
        with database.writing() as session:
            present = lock_epoch(session)
            self._write_changes(session, own=present + 1)

    def renew(self, session: Session) -> None:
        """Begin anew when the file is missing, damaged or tells another history.

        Raises `OSError`.
        The old file keeps lying beside the new one under another name.
        """
        if not self._is_whole(session):
            self.file.put_away(self._clock.now())
            self.begin(session)

    def newest_epoch(self) -> int:
        """Return the newest epoch that can be read in the file; 0 when there is none."""
        try:
            newest = next(self.file.lines_from_the_end(), None)
        except Failure:
            return 0
        return newest.last if newest is not None else 0

    def _is_whole(self, session: Session) -> bool:
        root = fingerprint_of_root(session)
        try:
            roots = {line.root for line in self.file.lines_from_the_end()}
            find_unknown(session, [self.file])
        except Failure:
            return False
        return roots == {root}

    def _pending(self, session: Session) -> list[JournalEntry]:
        pending: list[JournalEntry] | None = session.info.get(_PENDING)
        if pending is None:
            pending = session.info[_PENDING] = []
            before_commit(session, lambda: self._keep(session))
        return pending

    def _keep(self, session: Session) -> None:
        entries: list[JournalEntry] = session.info.pop(_PENDING)
        settled = session.info.pop(_SETTLED, False)
        if entries:
            session.execute(insert(RevocationChange), [entry.model_dump() for entry in entries])
            forget_revoked(session)
        own = min((entry.epoch for entry in entries), default=lock_epoch(session))
        try:
            self._write_changes(session, own, settled=settled)
        except (OSError, Failure) as failed:
            if settled:
                raise
            _LOG.error(
                "revocation_journal_not_written", file=str(self.file.path), problem=str(failed)
            )

    def _write_changes(self, session: Session, own: int, *, settled: bool = False) -> None:
        """Write every change that the file lacks; those from epoch `own` on are this act's."""
        if not self.file.exists() and was_kept(session):
            # The disk is not mounted, say: an empty folder is no place to begin anew.
            raise JournalUnreadable(str(self.file.path))
        with self.file.open_to_append() as journal:
            newest = journal.newest()
            if newest is None:
                self._write_standing(session, journal)
                return
            # 1. Lines that this database never knew are not passed over in silence.
            if not settled:
                unknown = find_unknown(session, [self.file])
                set_aside(session, unknown, self._clock.now())

            # 2. What other nodes did comes first, from the database.
            first = min(_last_told(session, newest) + 1, own)
            changes = session.scalars(
                select(RevocationChange)
                .where(RevocationChange.epoch >= first)
                .order_by(RevocationChange.epoch, RevocationChange.id)
            )
            entries = [_entry_of(change) for change in changes]
            self._write(session, journal, newest, first, entries, open_from=own)

    def _write_standing(self, session: Session, journal: OpenJournal) -> None:
        newest: JournalLine | None = None
        entries = read_standing(session)
        while chunk := [entry for _, entry in zip(range(_LONGEST), entries, strict=False)]:
            newest = self._write(session, journal, newest, 0, chunk)
        if newest is None:
            self._write(session, journal, None, 0, [])

    def _write(
        self,
        session: Session,
        journal: OpenJournal,
        newest: JournalLine | None,
        first: int,
        entries: Sequence[JournalEntry],
        *,
        open_from: int | None = None,
    ) -> JournalLine:
        line = JournalLine(
            identity=newest.identity if newest else self._new_identity(),
            root=newest.root if newest else fingerprint_of_root(session),
            previous=newest.hash if newest else FIRST_PREVIOUS,
            written_at=self._clock.now(),
            first=first,
            last=(last := max(read_epoch(session), first)),
            open_from=last + 1 if open_from is None else open_from,
            entries=tuple(entries),
        )
        journal.append(line)
        session.merge(JournalHead(identity=line.identity, head=line.hash, last_epoch=line.last))
        session.flush()
        return line

    def _new_identity(self) -> str:
        return self._randomness.token(_IDENTITY_OCTETS).hex()


def was_kept(session: Session) -> bool:
    """Say whether this database has ever written to a journal."""
    return session.scalar(select(JournalHead.identity).limit(1)) is not None


def _last_told(session: Session, newest: JournalLine) -> int:
    """Return the last epoch of which the file tells what this database knows.

    A line of an act that was never committed tells of an epoch that began
    again, perhaps in another node: what happened in it then is not in the line.
    """
    known = session.get(JournalHead, newest.identity)
    return newest.last if known is None else min(newest.last, known.last_epoch)


def _entry_of(change: RevocationChange) -> JournalEntry:
    return JournalEntry.model_validate({name: getattr(change, name) for name in _COLUMNS})
