"""A journal as it lies on the disk: `JournalDamaged`, or lines that follow each other.

After a line that was cut short the next one is appended as if nothing had been.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from ca.journal.entry import FIRST_PREVIOUS, JournalLine
from ca.journal.errors import JournalDamaged
from ca.journal.file import JournalFile
from tests.fuzzing.target import Target
from tests.fuzzing.targets import journal_line


def examine(data: bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="certgate-fuzz-") as folder:
        journal = JournalFile(Path(folder, "journal"))
        journal.path.write_bytes(data)
        try:
            lines = list(journal.lines_from_the_end())
        except JournalDamaged:
            return
        whole = b"".join(line.written() for line in reversed(lines))
        kept = data[: data.rfind(b"\n") + 1]
        assert b"".join(line for line in kept.splitlines(keepends=True) if line.strip(b"\n")) == (
            whole
        )
        _append(journal, lines)


def _append(journal: JournalFile, before: list[JournalLine]) -> None:
    model = journal_line.lines()[0]
    following = model.model_copy(update={"previous": before[0].hash if before else FIRST_PREVIOUS})
    with journal.open_to_append() as opened:
        opened.append(following)
    assert list(journal.lines_from_the_end()) == [following, *before]


def seeds() -> Iterator[bytes]:
    chained, previous = b"", FIRST_PREVIOUS
    for line in journal_line.lines():
        following = line.model_copy(update={"previous": previous})
        chained, previous = chained + following.written(), following.hash
        yield chained
    yield chained + b'{"version":1,"ident'
    yield b""
    yield b"\n\n"


TARGET = Target(examine, seeds, words=(*journal_line.TARGET.words, b"\n", b"\r"))
