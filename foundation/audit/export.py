"""The audit log as a file: one JSON document a line, for a verifier without database or keys.

The first line says what it is. Then the entries come in their order, as the
documents that their hashes are made of, and each checkpoint behind the last
entry that it covers.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.audit.chain import BrokenChain, document_of, verify_chain
from foundation.audit.checkpoint import Checkpoint
from foundation.audit.checkpoint_model import AuditCheckpoint
from foundation.audit.model import AuditEntry
from foundation.audit.note import VerifierKey
from foundation.audit.verification import LogVerification, Verified

FORMAT = "certgate-audit"
VERSION = 1
# An entry's facts are bounded by what wrote them; this bounds the reader.
_LONGEST_LINE = 4 * 1024 * 1024
_BATCH = 2_000


class ExportUnreadable(Exception):
    """The file is no export of an audit log, or is damaged at `line`."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line} cannot be read")
        self.line = line


def export_lines(session: Session) -> Iterator[str]:
    """Yield the lines; verifies nothing. Reads in batches, so memory stays flat."""
    yield _line({"format": FORMAT, "version": VERSION})
    notes = session.execute(
        select(AuditCheckpoint.size, AuditCheckpoint.note).order_by(AuditCheckpoint.size)
    ).all()
    waiting = list(reversed(notes))
    sequence = 0
    while batch := session.scalars(
        select(AuditEntry)
        .where(AuditEntry.sequence > sequence)
        .order_by(AuditEntry.sequence)
        .limit(_BATCH)
    ).all():
        for entry in batch:
            yield _line({"entry": document_of(entry), "entry_hash": entry.entry_hash})
            while waiting and waiting[-1].size <= entry.sequence:
                yield _line({"checkpoint": waiting.pop().note})
        sequence = batch[-1].sequence
        session.expunge_all()
    while waiting:
        yield _line({"checkpoint": waiting.pop().note})


def verify_export(
    file: TextIO, keys: Sequence[VerifierKey], kept_elsewhere: Iterable[Checkpoint]
) -> Verified:
    """Verify an export line by line (`foundation.audit.verification`).

    Raises `BrokenChain` with the first bad entry, and `ExportUnreadable`.
    """
    log = LogVerification(keys, kept_elsewhere)
    number = 0
    # Not for line in file: that reads a line of any length.
    for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE + 1), ""), start=1):
        read = _read(line, number)
        if number == 1:
            if read.get("format") != FORMAT or read.get("version") != VERSION:
                raise ExportUnreadable(number)
        elif read.keys() == {"entry", "entry_hash"}:
            log.add_document(read["entry"], read["entry_hash"])
        elif read.keys() == {"checkpoint"} and isinstance(read["checkpoint"], str):
            log.add_checkpoint(read["checkpoint"])
        else:
            raise ExportUnreadable(number)
    if number == 0:
        raise ExportUnreadable(1)
    return log.finish()


def verify_log(
    session: Session, keys: Sequence[VerifierKey], kept_elsewhere: Iterable[Checkpoint]
) -> Verified:
    """Verify the log in the database; raises `BrokenChain` with the first bad entry."""
    log = LogVerification(keys, kept_elsewhere)
    rows = session.execute(select(AuditCheckpoint.size, AuditCheckpoint.note))
    notes = {row.size: row.note for row in rows}

    def visit(entry: AuditEntry) -> None:
        log.add_verified(entry.action, entry.entry_hash)
        if (note := notes.pop(entry.sequence, None)) is not None:
            log.add_checkpoint(note)

    verify_chain(session, visit)
    if notes:
        raise BrokenChain(log.size + 1, "missing: a checkpoint knows more entries")
    return log.finish()


def _read(line: str, number: int) -> dict[str, object]:
    if len(line) > _LONGEST_LINE:
        raise ExportUnreadable(number)
    try:
        read = json.loads(line)
    except (ValueError, RecursionError) as malformed:
        raise ExportUnreadable(number) from malformed
    if not isinstance(read, dict):
        raise ExportUnreadable(number)
    return read


def _line(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"
