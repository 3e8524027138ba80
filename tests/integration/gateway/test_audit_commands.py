"""``certgate audit`` and ``reconcile`` as an operator and an auditor type them."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import certgate_command

REFUSED, WRONG_USAGE = 1, 2


class Operator:
    """Types commands at one installation; nothing is served."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.anchor = data.with_name("anchor")

    def types(self, *arguments: str, expect: int = 0) -> str:
        """Return what the command prints on standard output."""
        done = subprocess.run(
            [*certgate_command(), *arguments, "--data", str(self.data)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "CERTGATE_AUDIT_ANCHOR": str(self.anchor)},
        )
        assert done.returncode == expect, done.stderr
        return done.stdout

    def reads(self, *arguments: str, expect: int = 0) -> Any:
        """Return the JSON document that the command prints."""
        return json.loads(self.types(*arguments, "--json", expect=expect))


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    operator = Operator(tmp_path_factory.mktemp("audit-commands") / "data")
    operator.types("init")
    return operator


def test_a_log_is_verified_where_neither_database_nor_keys_are(
    operator: Operator, tmp_path: Path
) -> None:
    note = operator.types("audit", "checkpoint")
    assert note.startswith("localhost/audit\n")
    key = operator.types("audit", "key").strip()
    assert key.startswith("localhost/audit+")
    operator.types("officer", "add", "li.hong", "--role", "auditor")
    exported = tmp_path / "audit.jsonl"
    operator.types("audit", "export", str(exported))
    assert exported.stat().st_mode & 0o777 == 0o600
    elsewhere = Operator(tmp_path / "nothing")
    verify = ("audit", "verify", "--file", str(exported), "--public-key", key)

    whole = elsewhere.reads(*verify, "--checkpoint", str(operator.anchor))

    assert whole["whole"] is True
    assert whole["anchored"] == whole["checkpoints"] == 1
    assert 0 < whole["signed_entries"] < whole["entries"]
    assert not (tmp_path / "nothing").exists()

    lines = exported.read_text().splitlines(keepends=True)
    cut = tmp_path / "cut.jsonl"
    cut.write_text("".join(line for line in lines[:4] if '"checkpoint"' not in line))
    broken = elsewhere.reads(
        "audit", "verify", "--file", str(cut), "--public-key", key,
        "--checkpoint", str(operator.anchor), expect=REFUSED,
    )  # fmt: skip
    assert (broken["whole"], broken["first_bad"]) == (False, 4)

    elsewhere.types("audit", "verify", "--file", str(exported), expect=WRONG_USAGE)
    elsewhere.types(*verify[:-1], "no key", expect=WRONG_USAGE)
    elsewhere.types(*verify[:3], str(tmp_path / "missing"), *verify[4:], expect=WRONG_USAGE)
    elsewhere.types(*verify[:3], str(operator.anchor), *verify[4:], expect=REFUSED)


def test_the_log_here_is_verified_with_its_anchor(operator: Operator) -> None:
    operator.types("audit", "checkpoint")
    whole = operator.reads("audit", "verify")
    assert whole["whole"] is True
    assert whole["anchored"] == whole["checkpoints"]


def test_an_export_replaces_no_file(operator: Operator, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("something else")
    operator.types("audit", "export", str(taken), expect=WRONG_USAGE)
    assert taken.read_text() == "something else"


def test_reconciling_what_is_reconciled_says_so(operator: Operator) -> None:
    assert operator.reads("reconcile") == {
        "revocations": "known",
        "problem": None,
        "revoked": 0,
        "held": 0,
        "released": 0,
        "abandoned": 0,
        "lost": 0,
    }


def test_what_is_no_journal_and_no_crl_is_refused(operator: Operator, tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense"
    nonsense.write_text("nonsense\n")
    operator.types("reconcile", "--journal", str(nonsense), expect=REFUSED)
    operator.types("reconcile", "--journal", str(tmp_path / "missing"), expect=REFUSED)
    operator.types("reconcile", "--crl", str(nonsense), expect=REFUSED)
    operator.types("reconcile", "--crl", str(tmp_path / "missing"), expect=WRONG_USAGE)
    assert operator.reads("reconcile")["revocations"] == "known"
