"""Verifying a whole log: chain, checkpoints, and checkpoints that were kept elsewhere.

Its obligations, entry by entry from the first:

1. Each entry carries the hash of what it says and of the entry before
   (`foundation.audit.chain`).
2. Each checkpoint of the log is signed by a trusted key, names the origin that
   the log has at this place, and its root hash is that of the entries so far.
3. Each checkpoint that was kept elsewhere is one of the log's own: the root at
   its size is the same. A log that was written anew fails here, one whose end
   was cut off never reaches the size.

After a restore from a backup the log goes on from an earlier place under
another origin. Checkpoints of what was lost then are not in it; they are named
(`Verified.lost`) and are no fault of the log.

Not checked: that the keys are the right ones, and that entries tell the truth.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from foundation.audit.chain import GENESIS_HASH, BrokenChain, hash_document
from foundation.audit.checkpoint import (
    FORK_ACTION,
    Checkpoint,
    leaf_of,
    origin_of,
    read_checkpoint,
)
from foundation.audit.merkle import Frontier
from foundation.audit.note import NoteRefused, VerifierKey, open_note

_FIELDS: dict[str, tuple[type, ...]] = {
    "sequence": (int,),
    "at": (str,),
    "actor": (str,),
    "address": (str, type(None)),
    "request_id": (str, type(None)),
    "action": (str,),
    "subject": (str,),
    "outcome": (str,),
    "facts": (str,),
    "previous_hash": (str,),
}


@dataclass(frozen=True)
class Verified:
    """A log that holds: its length, how many checkpoints vouch for it, and for how much of it.

    `lost` are checkpoints from elsewhere over entries that a restore has lost.
    """

    entries: int
    checkpoints: int
    signed_entries: int
    anchored: int
    lost: tuple[Checkpoint, ...]


class LogVerification:
    """Takes a log entry by entry; raises `BrokenChain` at the first thing that does not hold."""

    def __init__(self, keys: Sequence[VerifierKey], kept_elsewhere: Iterable[Checkpoint]) -> None:
        self._keys = keys
        self._tree = Frontier()
        self._last_hash = GENESIS_HASH
        self._fork: str | None = None
        self._checkpoints = 0
        self._signed = 0
        self._anchored = 0
        self._elsewhere: dict[int, list[Checkpoint]] = defaultdict(list)
        self._lost: list[Checkpoint] = []
        for checkpoint in kept_elsewhere:
            self._elsewhere[checkpoint.size].append(checkpoint)

    @property
    def size(self) -> int:
        """The number of entries so far."""
        return self._tree.size

    def add_document(self, document: object, entry_hash: object) -> None:
        """Take the next entry from outside, as its document and the hash it carries."""
        sequence = self.size + 1
        if not isinstance(document, dict) or document.keys() != _FIELDS.keys():
            raise BrokenChain(sequence, "cannot be read")
        if not all(type(document[name]) in kinds for name, kinds in _FIELDS.items()):
            raise BrokenChain(sequence, "cannot be read")
        if document["sequence"] != sequence:
            raise BrokenChain(sequence, "missing")
        if document["previous_hash"] != self._last_hash:
            raise BrokenChain(sequence, "does not follow the entry before it")
        # 1.
        try:
            expected = hash_document(document)
        except ValueError as unwritable:
            # A surrogate by itself, which JSON can spell and UTF-8 cannot.
            raise BrokenChain(sequence, "cannot be read") from unwritable
        if entry_hash != expected:
            raise BrokenChain(sequence, "was changed")
        self.add_verified(document["action"], expected)

    def add_verified(self, action: str, entry_hash: str) -> None:
        """Take the next entry, whose place and hash `verify_chain` has verified."""
        self._tree = self._tree.add(leaf_of(entry_hash))
        self._last_hash = entry_hash
        if action == FORK_ACTION:
            self._fork = entry_hash
        # 3.
        for checkpoint in self._elsewhere.pop(self.size, ()):
            self._compare(checkpoint)

    def add_checkpoint(self, note: str) -> None:
        """Take a checkpoint of the log itself, over exactly the entries so far."""
        # 2.
        try:
            text, key = open_note(note, self._keys)
            checkpoint = read_checkpoint(text)
        except NoteRefused as refused:
            raise BrokenChain(self.size, f"its checkpoint does not hold: {refused}") from refused
        if checkpoint.size != self.size or checkpoint.root_hash != self._tree.root():
            raise BrokenChain(self.size, "its checkpoint is of another log")
        if checkpoint.origin != origin_of(key.name, self._fork):
            raise BrokenChain(self.size, "its checkpoint has another origin")
        self._checkpoints += 1
        self._signed = self.size

    def finish(self) -> Verified:
        """Return what was found when the log has no more entries."""
        for size in sorted(self._elsewhere):
            for checkpoint in self._elsewhere[size]:
                if self._is_present(checkpoint):
                    raise BrokenChain(self.size + 1, "missing: a checkpoint knows more entries")
                self._lost.append(checkpoint)
        return Verified(
            entries=self.size,
            checkpoints=self._checkpoints,
            signed_entries=self._signed,
            anchored=self._anchored,
            lost=tuple(self._lost),
        )

    def _compare(self, checkpoint: Checkpoint) -> None:
        if checkpoint.root_hash == self._tree.root():
            self._anchored += 1
        elif self._is_present(checkpoint):
            raise BrokenChain(self.size, "a checkpoint kept elsewhere is of another log")
        else:
            self._lost.append(checkpoint)

    def _is_present(self, checkpoint: Checkpoint) -> bool:
        """Say whether it has the origin that this log has here: then it has to be in it."""
        return any(checkpoint.origin == origin_of(key.name, self._fork) for key in self._keys)
