"""``certgate audit`` and ``reconcile`` as an operator and an auditor type them."""

from pathlib import Path

import pytest

from tests.support.command import Desk

ANCHOR = "CERTGATE_AUDIT_ANCHOR"
REFUSED, WRONG_USAGE = 1, 2


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("audit-commands")
    operator = Desk(folder / "data", {ANCHOR: str(folder / "anchor")})
    operator.run("init")
    return operator


def test_a_log_is_verified_where_neither_database_nor_keys_are(
    operator: Desk, tmp_path: Path
) -> None:
    note = operator.run("audit", "checkpoint")
    assert note.startswith("localhost/audit\n")
    key = operator.run("audit", "key").strip()
    assert key.startswith("localhost/audit+")
    operator.run("officer", "add", "li.hong", "--role", "auditor")
    exported = tmp_path / "audit.jsonl"
    operator.run("audit", "export", exported)
    assert exported.stat().st_mode & 0o777 == 0o600
    elsewhere = Desk(tmp_path / "nothing")
    verify = ("audit", "verify", "--file", exported, "--public-key", key)

    whole = elsewhere.json(*verify, "--checkpoint", operator.settings[ANCHOR])

    assert whole["whole"] is True
    assert whole["anchored"] == whole["checkpoints"] == 1
    assert 0 < whole["signed_entries"] < whole["entries"]
    assert not (tmp_path / "nothing").exists()

    lines = exported.read_text().splitlines(keepends=True)
    cut = tmp_path / "cut.jsonl"
    cut.write_text("".join(line for line in lines[:4] if '"checkpoint"' not in line))
    broken = elsewhere.json(
        "audit", "verify", "--file", cut, "--public-key", key,
        "--checkpoint", operator.settings[ANCHOR], expect=REFUSED,
    )  # fmt: skip
    assert (broken["whole"], broken["first_bad"]) == (False, 4)

    elsewhere.run("audit", "verify", "--file", exported, expect=WRONG_USAGE)
    elsewhere.run(*verify[:-1], "no key", expect=WRONG_USAGE)
    elsewhere.run(*verify[:3], tmp_path / "missing", *verify[4:], expect=WRONG_USAGE)
    elsewhere.run(*verify[:3], operator.settings[ANCHOR], *verify[4:], expect=REFUSED)


def test_the_log_here_is_verified_with_its_anchor(operator: Desk) -> None:
    operator.run("audit", "checkpoint")
    whole = operator.json("audit", "verify")
    assert whole["whole"] is True
    assert whole["anchored"] == whole["checkpoints"]


def test_an_export_replaces_no_file(operator: Desk, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("something else")
    operator.run("audit", "export", taken, expect=WRONG_USAGE)
    assert taken.read_text() == "something else"


def test_reconciling_what_is_reconciled_says_so(operator: Desk) -> None:
    assert operator.json("reconcile") == {
        "revocations": "known",
        "problem": None,
        "revoked": 0,
        "held": 0,
        "released": 0,
        "abandoned": 0,
        "lost": 0,
    }


def test_what_is_no_journal_and_no_crl_is_refused(operator: Desk, tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense"
    nonsense.write_text("nonsense\n")
    operator.run("reconcile", "--journal", nonsense, expect=REFUSED)
    operator.run("reconcile", "--journal", tmp_path / "missing", expect=REFUSED)
    operator.run("reconcile", "--crl", nonsense, expect=REFUSED)
    operator.run("reconcile", "--crl", tmp_path / "missing", expect=WRONG_USAGE)
    assert operator.json("reconcile")["revocations"] == "known"
