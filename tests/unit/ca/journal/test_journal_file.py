"""The file of the revocation journal: whole lines, read from the end, damage told."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca.journal.entry import FIRST_PREVIOUS, BadLine, JournalEntry, JournalLine, read_line
from ca.journal.errors import JournalDamaged, JournalUnreadable
from ca.journal.file import JournalFile
from tests.support.clock import NEW_YEAR

IDENTITY = "0f" * 16
ROOT = "ab" * 32


def entry(epoch: int, serial_number: str = "4A01") -> JournalEntry:
    return JournalEntry(
        epoch=epoch,
        act="revoked",
        issuer="issuing",
        serial_number=serial_number,
        at=NEW_YEAR + timedelta(microseconds=epoch),
        reason="keyCompromise",
        invalidity_date=NEW_YEAR - timedelta(days=1),
        crl_number=epoch,
        not_after=NEW_YEAR + timedelta(days=365),
    )


def line_after(before: JournalLine | None, entries: int = 1) -> JournalLine:
    epoch = before.last + 1 if before else 0
    return JournalLine(
        identity=IDENTITY,
        root=ROOT,
        previous=before.hash if before else FIRST_PREVIOUS,
        written_at=NEW_YEAR,
        first=epoch,
        last=epoch,
        open_from=epoch,
        entries=tuple(entry(epoch, f"4A{number:04X}") for number in range(entries)),
    )


def write(path: Path, sizes: list[int]) -> list[JournalLine]:
    lines: list[JournalLine] = []
    with JournalFile(path).open_to_append() as journal:
        for entries in sizes:
            lines.append(line_after(lines[-1] if lines else None, entries))
            journal.append(lines[-1])
    return lines


def read(path: Path) -> list[JournalLine]:
    return list(JournalFile(path).lines_from_the_end())


def test_a_line_is_read_as_it_was_written() -> None:
    line = line_after(None, entries=2)
    assert read_line(line.written().rstrip(b"\n")) == line


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_line_with_any_octet_changed_is_bad(place: int, change: int) -> None:
    written = bytearray(line_after(None).written().rstrip(b"\n"))
    written[place % len(written)] ^= change
    with pytest.raises(BadLine):
        read_line(bytes(written))


@given(st.binary(max_size=400))
def test_whatever_is_not_a_line_is_bad(octets: bytes) -> None:
    with pytest.raises(BadLine):
        read_line(octets)


def test_an_entry_of_an_epoch_outside_its_line_is_refused() -> None:
    with pytest.raises(ValueError, match="another epoch"):
        JournalLine(
            identity=IDENTITY,
            root=ROOT,
            previous=FIRST_PREVIOUS,
            written_at=NEW_YEAR,
            first=3,
            last=4,
            open_from=3,
            entries=(entry(5),),
        )


# 400 entries are more than one block of reading.
@pytest.mark.parametrize("sizes", [[0], [1, 1, 1], [400], [1, 400, 0, 900, 2], [0] * 300])
def test_lines_come_newest_first(tmp_path: Path, sizes: list[int]) -> None:
    lines = write(tmp_path / "journal", sizes)
    assert read(tmp_path / "journal") == lines[::-1]


def test_the_file_is_its_owners_only(tmp_path: Path) -> None:
    write(tmp_path / "journal", [1])
    assert (tmp_path / "journal").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("cut", [1, 2, 70, 200])
def test_a_last_line_cut_short_never_counted(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "journal"
    lines = write(path, [1, 1, 1])
    path.write_bytes(path.read_bytes()[:-cut])

    assert read(path) == [lines[1], lines[0]]

    following = line_after(lines[1])
    with JournalFile(path).open_to_append() as journal:
        assert journal.newest() == lines[1]
        journal.append(following)
    assert read(path) == [following, lines[1], lines[0]]


def test_a_file_with_nothing_but_a_cut_line_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    write(path, [1])
    path.write_bytes(path.read_bytes()[:-5])
    assert read(path) == []


def test_a_changed_line_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    write(path, [1, 1, 1])
    path.write_bytes(path.read_bytes().replace(b"keyCompromise", b"superseded", 1))
    with pytest.raises(JournalDamaged) as damaged:
        read(path)
    assert damaged.value.params["problem"] == "was changed"


def test_a_missing_line_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    write(path, [1, 1, 1])
    first, _, last = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + last)
    with pytest.raises(JournalDamaged) as damaged:
        read(path)
    assert damaged.value.params["problem"] == "does not follow the line before it"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(JournalUnreadable):
        read(tmp_path / "journal")
