"""Checkpoints of the audit log as signed notes: `NoteRefused`, or what the key has signed.

Witnesses may add lines, and a file of notes may hold others' too; so text that
verifies is one of the texts that were signed, whatever stands around it.
"""

from collections.abc import Iterator
from contextlib import suppress

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from foundation.audit.anchor import read_notes
from foundation.audit.checkpoint import Checkpoint, read_checkpoint
from foundation.audit.note import NoteRefused, VerifierKey, open_note, sign_note, split_note
from tests.fuzzing.target import Target
from tests.support.notes import TestNoteSigner

# The same in every run, or no kept note would be signed by it.
_SIGNER = TestNoteSigner("certgate.test", Ed25519PrivateKey.from_private_bytes(bytes(32)))
_KEYS = [_SIGNER.verifier_key]
_CHECKPOINTS = [Checkpoint("certgate.test", size, bytes([size]) * 32) for size in (0, 1, 7)]
_SIGNED = {checkpoint.text() for checkpoint in _CHECKPOINTS}


def examine(data: bytes) -> None:
    note = data.decode("utf-8", "replace")
    with suppress(NoteRefused):
        text, key = open_note(note, _KEYS)
        assert key == _KEYS[0]
        assert text in _SIGNED, "verified, and never signed"
    with suppress(NoteRefused):
        text, signatures = split_note(note)
        assert text.endswith("\n")
        assert signatures
    with suppress(NoteRefused):
        checkpoint = read_checkpoint(note)
        assert read_checkpoint(checkpoint.text()) == checkpoint
    with suppress(NoteRefused):
        assert VerifierKey.read(note).written() == note.strip()
    assert all(found in _CHECKPOINTS for found in read_notes(note, _KEYS))


def seeds() -> Iterator[bytes]:
    notes = [sign_note(checkpoint.text(), _SIGNER) for checkpoint in _CHECKPOINTS]
    yield from (note.encode() for note in notes)
    yield "\n\n\n".join(notes).encode()
    yield (notes[0] + "— witness.example AAAAAAAA\n").encode()
    yield _SIGNER.verifier_key.written().encode()
    yield _CHECKPOINTS[2].text().encode()


TARGET = Target(
    examine, seeds, words=("— ".encode(), b"\n\n", b"\n\n\n", b"certgate.test", b"+", b"=")
)
