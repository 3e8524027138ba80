"""The benchmarks measure something: each subject yields its rows (issue 2, "Shown by").

How fast anything is, no test says.
"""

import math
from pathlib import Path

import pytest

from benchmarks.__main__ import SUBJECTS, run
from benchmarks.measuring import Contender, Effort, Rates, percentile, race, ratio
from benchmarks.report import BEGIN, EDGE, EDGE_BEGIN, EDGE_END, END, write_report
from benchmarks.table import Row, table

LITTLE = Effort(rounds=1, seconds=0.01, most=2)
EXPECTED = {
    "issuance": ("SQLite, ready key", "SQLite, new key"),
    "bulk": ("SQLite, 1,000 in the table, from requests", "accepted keys"),
    "pickup": ("pick up for the first time", "pick up again"),
    "login": ("1 connection", "4 connections"),
    "request": ("GET /api/v1/session, 1 kept", "GET /api/v1/tasks, 8 kept", "mTLS handshake"),
    "revocation": ("refused", "closed", "CRL", "OCSP"),
    "crl": ("full CRL of 1,000", "memory for it", "one in 20 revoked", "all of them revoked"),
    "ocsp": ("cached, kept", "cached, closed", "first time", "nonce, kept", "PostgreSQL"),
    "inventory": ("four characters", "frequent word", "credit code, 1,000, PostgreSQL"),
    "footprint": ("start", "idle", "memory"),
}


@pytest.mark.slow
@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_yields_its_rows(subject: str) -> None:
    rows = run([subject], LITTLE, revocations=2)

    for words in EXPECTED[subject]:
        assert any(words in row.what for row in rows), words
    for row in rows:
        assert all(math.isfinite(n) and n > 0 for n in (row.ours, row.theirs, row.ratio)), row


@pytest.mark.slow
def test_a_revocation_at_two_edges_is_timed() -> None:
    rows = run(["edge-revocation"], LITTLE, revocations=1, scale=0.04)

    for words in ("refused, keep-alive", "closed, websocket", "refused, all"):
        assert any(words in row.what for row in rows), words


def test_contenders_take_turns_and_work_is_weighed() -> None:
    calls: list[str] = []
    one = Contender("one", [lambda: calls.append("one")], most=1)
    batch = Contender("batch", [lambda: calls.append("batch")], weight=50, most=1)

    rates = race([one, batch], Effort(rounds=2, seconds=10, most=5))

    assert calls == ["one", "batch"] * 3  # once to warm up
    assert {name: len(rate.per_round) for name, rate in rates.items()} == {"one": 2, "batch": 2}


def test_the_ratio_compares_rounds_and_not_medians() -> None:
    assert ratio(Rates((10.0, 200.0, 3.0)), Rates((10.0, 100.0, 1.0))) == 2.0


@pytest.mark.parametrize(("share", "value"), [(0.5, 50.0), (0.95, 95.0), (1.0, 100.0)])
def test_percentiles_are_by_nearest_rank(share: float, value: float) -> None:
    assert percentile([float(n) for n in range(100, 0, -1)], share) == value


def test_the_report_replaces_the_table_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "benchmarks.md"
    file.write_text(f"# Before\n\n{BEGIN}\nold\n{END}\n\nAfter\n")
    row = Row("something", 1234.5, "nothing", 12.34, 100.0, "/s")

    write_report(file, [row])

    text = file.read_text()
    assert text.startswith(f"# Before\n\n{BEGIN}\n")
    assert text.endswith(f"{END}\n\nAfter\n")
    assert table([row]) in text
    assert "| something | 1,234 /s | nothing | 12.3 /s | 100 |" in text
    assert "old" not in text


def test_each_table_of_the_report_is_replaced_alone(tmp_path: Path) -> None:
    file = tmp_path / "benchmarks.md"
    file.write_text(f"{BEGIN}\nkept\n{END}\n\n{EDGE_BEGIN}\nold\n{EDGE_END}\n")

    write_report(file, [Row("something", 1.0, "nothing", 1.0, 1.0, "us")], EDGE)

    text = file.read_text()
    assert text.startswith(f"{BEGIN}\nkept\n{END}\n")
    assert "| something | 1 us |" in text
    assert "old" not in text


def test_a_report_without_a_place_for_the_table_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "benchmarks.md"
    file.write_text("# Nothing here\n")

    with pytest.raises(ValueError, match="no place for the table"):
        write_report(file, [])
