"""The checkpoints of this installation's audit log: key, anchor, and what verifies them."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ca.errors import KeyUnavailable
from ca.keys import KeyStore
from foundation.audit import BrokenChain
from foundation.audit.anchor import Anchor
from foundation.audit.checkpoint import Checkpoint
from foundation.audit.checkpoint_model import AuditCheckpoint
from foundation.audit.checkpoints import AuditCheckpoints, current_origin, find_newest, frontier_at
from foundation.audit.export import verify_log
from foundation.audit.note import VerifierKey, split_note
from foundation.audit.verification import Verified
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Failure

KEY_NAME = "audit-checkpoints"

_LOG = structlog.get_logger(__name__)


@dataclass(frozen=True)
class KeyedNoteSigner:
    """Signs notes with a key of this process."""

    name: str
    key: Ed25519PrivateKey

    @property
    def verifier_key(self) -> VerifierKey:
        """Return the key that verifies what `sign` gives."""
        return VerifierKey(self.name, self.key.public_key())

    def sign(self, text: bytes) -> bytes:
        """Return the signature over `text`."""
        return self.key.sign(text)


class AuditKeeping:
    """Makes and verifies checkpoints; the key is opened when it is needed."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        open_keys: Callable[[], KeyStore],
        name: str,
        anchor: Path | None,
    ) -> None:
        """`name` is what the key is called when it is made; `anchor` a file elsewhere."""
        self._database = database
        self._clock = clock
        self._open_keys = open_keys
        self._first_name = name
        self.anchor = Anchor(anchor) if anchor is not None else None
        self._has_failed = False

    @property
    def has_failed(self) -> bool:
        """Whether the last checkpoint of this process could not be made or anchored."""
        return self._has_failed

    def make_checkpoint(self) -> AuditCheckpoint | None:
        """Make a checkpoint of what is new, and anchor it; None when nothing is.

        Raises `KeyUnavailable`, `CheckpointRefused`, `BrokenChain`, and
        `OSError` when it is made and cannot be anchored.
        """
        return self._checkpoints().make()

    def keep(self) -> None:
        """Do that as a job or at the end: what goes wrong is logged and stops nobody."""
        try:
            self.make_checkpoint()
            self._has_failed = False
        except (OSError, BrokenChain, Failure) as failed:
            self._has_failed = True
            _LOG.error("audit_checkpoint_failed", problem=str(failed))

    def newest(self) -> AuditCheckpoint | None:
        """Return the newest checkpoint, or None before the first."""
        with self._database.reading() as session:
            return find_newest(session)

    def verifier_key(self) -> VerifierKey:
        """Return the key to give to auditors; it is made when there is none yet.

        Raises `KeyUnavailable`.
        """
        return self._signer().verifier_key

    def verifier_keys(self) -> list[VerifierKey]:
        """Return the key that checkpoints are verified with; none before the first.

        Raises `KeyUnavailable` when there are checkpoints and it is missing.
        """
        key = self._find_key()
        return [KeyedNoteSigner(self._name(), key).verifier_key] if key is not None else []

    def anchored(self) -> list[Checkpoint]:
        """Return the checkpoints that were kept outside; raises `OSError`, `KeyUnavailable`."""
        if self.anchor is None or not self.anchor.path.exists():
            return []
        return self.anchor.read(self.verifier_keys())

    def verify(self, kept_elsewhere: list[Checkpoint]) -> Verified:
        """Walk the whole log; raises `BrokenChain` with the first bad entry, `KeyUnavailable`."""
        keys = self.verifier_keys()
        with self._database.reading() as session:
            return verify_log(session, keys, kept_elsewhere)

    def is_known_to_be_cut(self) -> bool:
        """Ask `is_cut` at a start: an anchor that cannot be read proves nothing and is logged."""
        try:
            return self.is_cut()
        except (OSError, Failure) as failed:
            _LOG.error("audit_anchor_unreadable", problem=str(failed))
            return False
        except BrokenChain as broken:
            _LOG.error("audit_log_broken", problem=str(broken))
            return True

    def is_cut(self) -> bool:
        """Say whether the anchor knows a longer or another log than the database has.

        Reads the entries since one checkpoint and not the whole log. Raises
        `OSError`, `KeyUnavailable`, `BrokenChain`.
        """
        anchored = self.anchored()
        with self._database.reading() as session:
            origin = current_origin(session, self._name())
            here = [checkpoint for checkpoint in anchored if checkpoint.origin == origin]
            if not here:
                return False
            newest = max(here, key=lambda checkpoint: checkpoint.size)
            tree = frontier_at(session, newest.size)
        return tree is None or tree.root() != newest.root_hash

    def _checkpoints(self) -> AuditCheckpoints:
        return AuditCheckpoints(
            database=self._database,
            clock=self._clock,
            signer=self._signer(),
            anchor=self.anchor,
        )

    def _signer(self) -> KeyedNoteSigner:
        key = self._find_key()
        if key is None:
            keys = self._open_keys()
            with suppress(FileExistsError):
                keys.create(KEY_NAME, "ed25519")
            key = self._find_key()
            assert key is not None, "it has just been made"
        return KeyedNoteSigner(self._name(), key)

    def _find_key(self) -> Ed25519PrivateKey | None:
        keys = self._open_keys()
        key = keys.find(KEY_NAME)
        # Another key would begin another log under the same name.
        if key is None and self.newest() is None:
            return None
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyUnavailable(KEY_NAME)
        return key

    def _name(self) -> str:
        """Return the key's name: the one it has had, whatever this host is called by now."""
        newest = self.newest()
        if newest is None:
            return self._first_name
        _, ((name, _), *_) = split_note(newest.note)
        return name


def read_kept(paths: list[Path], keys: list[VerifierKey]) -> list[Checkpoint]:
    """Return the checkpoints in files of notes that one of `keys` has signed; raises `OSError`."""
    return [checkpoint for path in paths for checkpoint in Anchor(path).read(keys)]
