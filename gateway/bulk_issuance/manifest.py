"""A manifest: a CSV file that says whose certificate is wanted for which request.

Two columns, in any order and beside any others: ``username`` (用户名) and ``request``
(证书请求), which is the name of a file in the folder of requests, or the request
itself in PEM. UTF-8, with a byte order mark or without, and GB 18030.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ca.csr.reading import MAXIMUM_OCTETS
from foundation.errors import Failure, FieldError, Invalid, NotFound, Parameter

LARGEST = 64 * 1024 * 1024
MOST_ROWS = 100_000
_COLUMNS = {
    "username": "username",
    "用户名": "username",
    "request": "request",
    "证书请求": "request",
}
_NEEDED = ("username", "request")
_SHOWN = 40
# A workbook, not a text.
_NOT_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_PEM = "-----BEGIN"


@dataclass(frozen=True)
class ManifestRow:
    """A row, counted as a spreadsheet counts them: the headings are row 1."""

    number: int
    unverified_username: str
    unverified_request: str

    @property
    def shown_username(self) -> str:
        """What a message shows of the username: printable, and not long."""
        return "".join(each for each in self.unverified_username[:_SHOWN] if each.isprintable())

    def read_request(self, folder: Path) -> bytes:
        """Return the request, unverified; a file name is looked up in `folder` and nowhere else.

        Raises `Invalid` ("manifest-cell-missing", "manifest-request-outside") and
        `NotFound` ("manifest-request-missing"). Does not look at the content, and
        reads no more of a file than shows that it is too large.
        """
        if not self.unverified_username or not self.unverified_request:
            raise Invalid("manifest-cell-missing")
        if self.unverified_request.startswith(_PEM):
            return self.unverified_request.encode()
        try:
            root = folder.resolve(strict=True)
            file = (root / self.unverified_request).resolve(strict=True)
            if not file.is_relative_to(root):
                raise Invalid("manifest-request-outside")
            if not file.is_file():
                raise NotFound("manifest-request-missing")
            with file.open("rb") as opened:
                return opened.read(MAXIMUM_OCTETS + 1)
        except (OSError, ValueError) as missing:
            # ValueError: an octet 0 in the name.
            raise NotFound("manifest-request-missing") from missing


def read_manifest(unverified_octets: bytes) -> list[ManifestRow]:
    """Return the rows that are not empty.

    Raises `Invalid` with the field ``manifest``: "manifest-too-large",
    "manifest-not-text", "manifest-columns" (a column that is needed is not there
    once), "manifest-malformed", "manifest-empty" and "manifest-too-long".
    """
    if len(unverified_octets) > LARGEST:
        raise _refused("manifest-too-large", megabytes=LARGEST // 1024 // 1024)
    lines = csv.reader(io.StringIO(_decode(unverified_octets), newline=""), strict=True)
    rows: list[ManifestRow] = []
    try:
        places = _places(next(lines, []))
        for number, cells in enumerate(lines, start=2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(rows) == MOST_ROWS:
                raise _refused("manifest-too-long", rows=MOST_ROWS)
            username, request = _cells(cells, places)
            rows.append(ManifestRow(number, username, request))
    except csv.Error as malformed:
        raise _refused("manifest-malformed", line=lines.line_num) from malformed
    if not rows:
        raise _refused("manifest-empty")
    return rows


def _decode(octets: bytes) -> str:
    if octets.startswith(_NOT_TEXT) or b"\0" in octets:
        raise _refused("manifest-not-text")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return octets.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refused("manifest-not-text")


def _places(headings: Sequence[str]) -> list[int]:
    known = [_COLUMNS.get(heading.strip().casefold()) for heading in headings]
    for name in _NEEDED:
        # Of two columns of one name nobody knows which one somebody looked at.
        if known.count(name) != 1:
            raise _refused("manifest-columns", column=name)
    return [known.index(name) for name in _NEEDED]


def _cells(cells: Sequence[str], places: Sequence[int]) -> Iterator[str]:
    for place in places:
        text = cells[place].strip() if place < len(cells) else ""
        # What a spreadsheet, and our own exports, put before a formula.
        yield text.removeprefix("'").strip()


def _refused(code: str, **params: Parameter) -> Failure:
    failure = Invalid(code, fields=[FieldError("manifest", code, params)])
    failure.params = params
    return failure
