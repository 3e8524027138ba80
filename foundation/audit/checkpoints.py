"""Making checkpoints: the cost is that of the entries since the last one.

A log must never sign a tree that does not extend what it signed before
(c2sp.org/tlog-checkpoint). So the last checkpoint is verified, and the new
entries have to follow the entry it ended with, before anything is signed.
"""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from foundation.audit.anchor import Anchor
from foundation.audit.chain import GENESIS_HASH, BrokenChain
from foundation.audit.checkpoint import FORK_ACTION, Checkpoint, leaf_of, origin_of, read_checkpoint
from foundation.audit.checkpoint_model import AuditCheckpoint
from foundation.audit.merkle import Frontier
from foundation.audit.model import AuditEntry
from foundation.audit.note import NoteSigner, VerifierKey, open_note, sign_note
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Conflict

_BATCH = 5_000


class CheckpointRefused(Conflict):
    """The log is not what the last checkpoint says; nothing is signed."""

    def __init__(self, size: int) -> None:
        super().__init__("audit-checkpoint-refused", size=size)


class AuditCheckpoints:
    """Makes the checkpoints of one log and keeps them in table and anchor."""

    def __init__(
        self, *, database: Database, clock: Clock, signer: NoteSigner, anchor: Anchor | None
    ) -> None:
        self._database = database
        self._clock = clock
        self._signer = signer
        self._anchor = anchor

    @property
    def verifier_key(self) -> VerifierKey:
        """The key that verifies the checkpoints; auditors keep it elsewhere."""
        return self._signer.verifier_key

    def make(self) -> AuditCheckpoint | None:
        """Make a checkpoint over all entries there are; None when nothing is new.

        Several transactions: reading and signing hold nobody up. Of two nodes
        one makes it. Raises `CheckpointRefused`, `BrokenChain`, and `OSError`
        when it is made and cannot be anchored.
        """
        made = self._make()
        self.anchor_newest()
        return made

    def anchor_newest(self) -> None:
        """Append the newest checkpoint to the anchor unless it is there; raises `OSError`."""
        if self._anchor is None:
            return
        with self._database.reading() as session:
            newest = find_newest(session)
        if newest is not None:
            self._anchor.append(newest.note)

    def _make(self) -> AuditCheckpoint | None:
        # 1. Where the last one ended.
        with self._database.reading() as session:
            last = find_newest(session)
            frontier = self._verified_frontier(last)

            # 2. The entries since.
            frontier, fork = _extend(session, frontier)
            if frontier.size == (last.size if last is not None else 0):
                return None

        # 3. Sign.
        name = self._signer.verifier_key.name
        origin = origin_of(name, fork) if fork or last is None else last.origin
        checkpoint = Checkpoint(origin, frontier.size, frontier.root())
        row = AuditCheckpoint(
            size=checkpoint.size,
            origin=checkpoint.origin,
            root_hash=checkpoint.root_hash,
            frontier=frontier.packed(),
            note=sign_note(checkpoint.text(), self._signer),
            made_at=self._clock.now(),
        )

        # 4. Store, unless another node has been faster.
        try:
            with self._database.writing() as session:
                newest = find_newest(session)
                if newest is not None and newest.size >= row.size:
                    return None
                session.add(row)
        except IntegrityError:
            return None
        return row

    def _verified_frontier(self, last: AuditCheckpoint | None) -> Frontier:
        if last is None:
            return Frontier()
        try:
            text, _ = open_note(last.note, [self._signer.verifier_key])
            signed = read_checkpoint(text)
            frontier = Frontier.unpacked(last.size, last.frontier)
        except ValueError as wrong:
            raise CheckpointRefused(last.size) from wrong
        if (signed.size, signed.root_hash) != (frontier.size, frontier.root()):
            raise CheckpointRefused(last.size)
        return frontier


def find_newest(session: Session) -> AuditCheckpoint | None:
    """Return the newest checkpoint, or None before the first."""
    query = select(AuditCheckpoint).order_by(AuditCheckpoint.size.desc()).limit(1)
    return session.scalars(query).one_or_none()


def current_origin(session: Session, name: str) -> str:
    """Return the origin that the next checkpoint under the key `name` has."""
    query = (
        select(AuditEntry.entry_hash)
        .where(AuditEntry.action == FORK_ACTION)
        .order_by(AuditEntry.sequence.desc())
        .limit(1)
    )
    return origin_of(name, session.scalar(query))


def frontier_at(session: Session, size: int) -> Frontier | None:
    """Return the tree over the first `size` entries, or None when there are fewer.

    Starts from the nearest checkpoint before it. Verifies no signature.
    """
    query = (
        select(AuditCheckpoint)
        .where(AuditCheckpoint.size <= size)
        .order_by(AuditCheckpoint.size.desc())
        .limit(1)
    )
    before = session.scalars(query).one_or_none()
    start = Frontier.unpacked(before.size, before.frontier) if before else Frontier()
    frontier, _ = _extend(session, start, size)
    return frontier if frontier.size == size else None


def _extend(
    session: Session, frontier: Frontier, end: int | None = None
) -> tuple[Frontier, str | None]:
    """Return the tree with the entries since, and the hash of the last restore among them.

    Raises `BrokenChain` when they do not follow one another.
    """
    before = GENESIS_HASH if frontier.size == 0 else _hash_of(session, frontier.size)
    fork: str | None = None
    for sequence, action, previous_hash, entry_hash in _entries_after(session, frontier.size, end):
        if sequence != frontier.size + 1:
            raise BrokenChain(frontier.size + 1, "missing")
        if previous_hash != before:
            raise BrokenChain(sequence, "does not follow the entry before it")
        if action == FORK_ACTION:
            fork = entry_hash
        frontier = frontier.add(leaf_of(entry_hash))
        before = entry_hash
    return frontier, fork


def _hash_of(session: Session, sequence: int) -> str:
    found = session.scalar(select(AuditEntry.entry_hash).where(AuditEntry.sequence == sequence))
    if found is None:
        raise BrokenChain(sequence, "missing")
    return found


def _entries_after(
    session: Session, sequence: int, end: int | None
) -> Iterator[tuple[int, str, str, str]]:
    columns = (
        AuditEntry.sequence,
        AuditEntry.action,
        AuditEntry.previous_hash,
        AuditEntry.entry_hash,
    )
    while True:
        query = select(*columns).where(AuditEntry.sequence > sequence)
        if end is not None:
            query = query.where(AuditEntry.sequence <= end)
        rows = session.execute(query.order_by(AuditEntry.sequence).limit(_BATCH)).all()
        for row in rows:
            yield row.sequence, row.action, row.previous_hash, row.entry_hash
        if len(rows) < _BATCH:
            return
        sequence = rows[-1].sequence
