"""Rows of CSV (RFC 4180) that a spreadsheet opens and does not run."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes UTF-8 for the local code page."""

MEDIA_TYPE = "text/csv; charset=utf-8"
# A cell that begins so is a formula to a spreadsheet (CWE-1236): a name that
# somebody registered would run on the officer's desk.
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(value: object) -> str:
    """Return a cell's text, with an apostrophe before what would be a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_BEGINS_FORMULA) else text


def csv_text(
    headings: Sequence[str], batches: Iterable[Iterable[Sequence[object]]]
) -> Iterator[str]:
    """Yield the text of a file, batch by batch."""
    yield BYTE_ORDER_MARK + _lines([headings])
    for batch in batches:
        yield _lines(batch)


def _lines(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([map(harmless, row) for row in rows])
    return text.getvalue()
