"""An exported audit log: `ExportUnreadable`, `BrokenChain`, or a log that holds from the start.

What verifies is a beginning of the log that was exported: nobody without the
key makes another that a checkpoint vouches for.
"""

import io
import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from foundation.audit.chain import GENESIS_HASH, BrokenChain, hash_document
from foundation.audit.checkpoint import Checkpoint, leaf_of
from foundation.audit.export import FORMAT, VERSION, ExportUnreadable, verify_export
from foundation.audit.merkle import Frontier
from foundation.audit.note import sign_note
from tests.fuzzing.target import Target
from tests.support.notes import TestNoteSigner

_SIGNER = TestNoteSigner("certgate.test", Ed25519PrivateKey.from_private_bytes(bytes(32)))
_ENTRIES = 3


def examine(data: bytes) -> None:
    file = io.StringIO(data.decode("utf-8", "replace"), newline="\n")
    with suppress(ExportUnreadable, BrokenChain):
        verified = verify_export(file, [_SIGNER.verifier_key], [])
        # Entries behind the last checkpoint are vouched for by nobody.
        assert verified.signed_entries in {0, 2, _ENTRIES}
        assert verified.signed_entries <= verified.entries
        if verified.signed_entries:
            assert verified.checkpoints


@cache
def _lines() -> tuple[str, ...]:
    lines, previous, tree = (
        [_line({"format": FORMAT, "version": VERSION})],
        GENESIS_HASH,
        Frontier(),
    )
    for sequence in range(1, _ENTRIES + 1):
        document: dict[str, str | int | None] = {
            "sequence": sequence, "at": "2027-01-04T09:00:00.000000Z", "actor": "li.wei",
            "address": None, "request_id": "r", "action": "unit.registered",
            "subject": "unit:wh000123", "outcome": "done", "facts": '{"名":"武汉"}',
            "previous_hash": previous,
        }  # fmt: skip
        previous = hash_document(document)
        tree = tree.add(leaf_of(previous))
        lines.append(_line({"entry": document, "entry_hash": previous}))
        if sequence > 1:
            head = Checkpoint(_SIGNER.name, sequence, tree.root())
            lines.append(_line({"checkpoint": sign_note(head.text(), _SIGNER)}))
    return tuple(lines)


def _line(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def seeds() -> Iterator[bytes]:
    lines = _lines()
    yield from ("".join(lines[:count]).encode() for count in range(len(lines) + 1))
    yield lines[0].encode() + b"[" * 200


TARGET = Target(
    examine,
    seeds,
    words=(
        b'{"entry":{', b'"entry_hash":"', b'{"checkpoint":"', b'"\\ud800"', b"1e999", b"NaN",
        b"true", b"\n", b"[[[[",
    ),
    longest=8_192,
)  # fmt: skip
