"""A line of the revocation journal: only `BadLine`, and one spelling of each fact."""

from collections.abc import Iterator
from datetime import UTC, datetime

from ca.journal.entry import FIRST_PREVIOUS, BadLine, JournalEntry, JournalLine, read_line
from tests.fuzzing.target import Target

_AT = datetime(2027, 1, 4, 9, tzinfo=UTC)


def examine(data: bytes) -> None:
    try:
        line = read_line(data)
    except BadLine:
        return
    assert line.written() == data + b"\n"


def lines() -> list[JournalLine]:
    """Return lines with no, one and two entries, none of which follows another."""
    held = JournalEntry(epoch=3, act="held", issuer="issuing", serial_number="41", at=_AT)
    revoked = JournalEntry(
        epoch=4, act="revoked", issuer="issuing-2", serial_number="4142434445464748494A", at=_AT,
        reason="keyCompromise", invalidity_date=_AT, crl_number=1_800_000_000_000, not_after=_AT,
    )  # fmt: skip
    return [
        JournalLine(
            identity="0" * 32, root="1" * 64, previous=FIRST_PREVIOUS, written_at=_AT,
            first=0, last=9, open_from=0, entries=entries,
        )
        for entries in ((), (held,), (held, revoked))
    ]  # fmt: skip


def seeds() -> Iterator[bytes]:
    for line in lines():
        yield line.written().rstrip(b"\n")


TARGET = Target(
    examine, seeds, words=(b'"entries":[', b'"act":"released"', b"null", b"1e3", b'"hash":"')
)
