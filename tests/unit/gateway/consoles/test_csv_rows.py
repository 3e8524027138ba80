"""A sheet opens in a spreadsheet, and nothing in it runs."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.consoles.csv_rows import BYTE_ORDER_MARK, csv_text, harmless


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1"])
def test_what_would_be_a_formula_is_text(cell: str) -> None:
    """CWE-1236."""
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize(("cell", "text"), [("武汉", "武汉"), ("1-1", "1-1"), (None, ""), (7, "7")])
def test_other_cells_stay_as_they_are(cell: object, text: str) -> None:
    assert harmless(cell) == text


def test_the_mark_comes_once_and_before_everything() -> None:
    parts = list(csv_text(["a", "b"], [[["1", "2"]], [["3", "4"]]]))
    assert "".join(parts) == BYTE_ORDER_MARK + "a,b\r\n1,2\r\n3,4\r\n"


@given(st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=2), max_size=5))
def test_what_is_written_is_read_again(rows: list[list[str]]) -> None:
    text = "".join(csv_text(["x", "y"], [rows])).removeprefix(BYTE_ORDER_MARK)
    read = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert read == [[harmless(cell) for cell in row] for row in rows]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in read for cell in row)
