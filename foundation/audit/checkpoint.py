"""Checkpoints (c2sp.org/tlog-checkpoint): what the log had come to, signed.

The text of the note is three lines: the origin, the number of entries, and the
root hash of the tree over them.

A leaf is the entry's own hash (`foundation.audit.chain`), as 32 octets: it
binds everything that the entry says and all entries before it, a checkpoint is
made without reading the entries' texts, and an entry can be proved to somebody
who may not see the others.

The origin is ``<name of the key>``, and after a restore from a backup
``<name of the key>/<start of the hash of the entry that records the restore>``:
the log then goes on from an earlier place, and a log that has signed one tree
never signs another under the same origin.
"""

import base64
import re
from dataclasses import dataclass

from foundation.audit.merkle import HASH_OCTETS, hash_leaf
from foundation.audit.note import NoteRefused

# An audit entry that begins another history of the same log.
FORK_ACTION = "backup.restored"
_FORK_DIGITS = 16
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class Checkpoint:
    """A tree head: origin, number of entries, root hash."""

    origin: str
    size: int
    root_hash: bytes

    def text(self) -> str:
        """Return the text to sign."""
        root = base64.b64encode(self.root_hash).decode()
        return f"{self.origin}\n{self.size}\n{root}\n"


def read_checkpoint(text: str) -> Checkpoint:
    """Return what a note's text says; raises `NoteRefused`.

    Does not look at signatures (`foundation.audit.note.open_note`). Lines after
    the third are extensions and are skipped.
    """
    origin, *rest = text.split("\n")
    if len(rest) < 3 or not origin or rest[-1] or "" in rest[:-1]:
        raise NoteRefused("it is no checkpoint")
    size, root = rest[:2]
    if not _SIZE.fullmatch(size):
        raise NoteRefused("its size is malformed")
    try:
        root_hash = base64.b64decode(root, validate=True)
    except ValueError as malformed:
        # binascii.Error among them, and what is not ASCII.
        raise NoteRefused("its root hash is malformed") from malformed
    if len(root_hash) != HASH_OCTETS:
        raise NoteRefused("its root hash is malformed")
    return Checkpoint(origin, int(size), root_hash)


def leaf_of(entry_hash: str) -> bytes:
    """Return the leaf hash of the entry with this hash (hex)."""
    return hash_leaf(bytes.fromhex(entry_hash))


def origin_of(name: str, fork_hash: str | None) -> str:
    """Return the origin after the restore that the entry with `fork_hash` records, if any."""
    return name if fork_hash is None else f"{name}/{fork_hash[:_FORK_DIGITS]}"
