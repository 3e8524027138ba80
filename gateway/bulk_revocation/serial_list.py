"""A list of serial numbers that somebody uploads: one in each line, or the first of a CSV row."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from ca.errors import CertificateNotFound
from ca.serial_numbers import read_serial_number
from foundation.errors import Invalid

LARGEST_UPLOAD = 2 * 1024 * 1024
"""Octets by HTTP: some 90,000 numbers. The command line reads any size."""

MOST_TOLD = 100
_SHOWN = 40
_LONGEST_LINE = 10_000
_HEADINGS = {"serial_number", "serial number", "serial", "证书序号"}
# A workbook, not a list: it would be read as thousands of malformed lines.
_NOT_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True)
class Malformed:
    """A line that holds no serial number; lines count from 1."""

    line: int
    text: str


@dataclass(frozen=True)
class SerialList:
    """Each number once, in the order of the list; of malformed lines the first hundred."""

    serial_numbers: tuple[str, ...]
    malformed: tuple[Malformed, ...]
    malformed_count: int
    repeated: int


def read_serial_list(unverified_octets: bytes) -> SerialList:
    """Return the numbers of a text or CSV file.

    Empty lines, lines that begin with ``#`` and a heading are passed over;
    UTF-8 and GB 18030 are understood. Raises `Invalid` ("serial-list-not-text",
    "serial-list-empty") with the field ``list``.
    """
    if unverified_octets.startswith(_NOT_TEXT) or b"\0" in unverified_octets:
        raise Invalid("serial-list-not-text", field="list")
    numbers: dict[str, None] = {}
    malformed: list[Malformed] = []
    malformed_count = repeated = 0
    for line, cell in _cells(_decode(unverified_octets)):
        try:
            number = read_serial_number(cell)
        except CertificateNotFound:
            if not (line == 1 and cell.casefold() in _HEADINGS):
                malformed_count += 1
                malformed.append(Malformed(line, cell[:_SHOWN]))
                del malformed[MOST_TOLD:]
            continue
        repeated += number in numbers
        numbers[number] = None
    if not numbers and not malformed:
        raise Invalid("serial-list-empty", field="list")
    return SerialList(tuple(numbers), tuple(malformed), malformed_count, repeated)


def _decode(octets: bytes) -> str:
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Excel on a Chinese Windows writes.
        return octets.decode("gb18030", errors="replace")


def _cells(text: str) -> Iterator[tuple[int, str]]:
    for line, content in enumerate(text.splitlines(), start=1):
        if not content.strip() or content.lstrip().startswith("#"):
            continue
        yield line, _first_cell(content).strip().lstrip("'").strip()


def _first_cell(content: str) -> str:
    for delimiter in (",", ";", "\t"):
        if delimiter in content:
            return next(csv.reader([content[: csv.field_size_limit() // 2]], delimiter=delimiter))[
                0
            ]
    return content.strip().strip('"')
