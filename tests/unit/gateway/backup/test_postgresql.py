"""How PostgreSQL's programs are called: no password where others can read it."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from foundation.database import Database
from gateway.backup.errors import ProgramFailed, ProgramMissing
from gateway.backup.postgresql import dump, load

URL = "postgresql+psycopg://clerk:s3cret%40word@db.example:5433/bureau?sslmode=verify-full"


class Recorder:
    """Stands for subprocess.run."""

    def __init__(self, status: int = 0, told: str = "") -> None:
        self.argv: list[str] = []
        self.environment: dict[str, str] = {}
        self._answer = (status, told)

    def __call__(
        self, argv: list[str], *, env: dict[str, str], **_: Any
    ) -> subprocess.CompletedProcess[str]:
        self.argv, self.environment = argv, env
        status, told = self._answer
        return subprocess.CompletedProcess(argv, status, "", told)


@pytest.mark.parametrize("direction", ["dump", "load"])
def test_the_password_is_in_the_environment_only(
    direction: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Recorder()
    monkeypatch.setattr(subprocess, "run", run)
    if direction == "dump":
        dump(Database(URL), "00000003-1", tmp_path / "dump")
    else:
        load(Database(URL), tmp_path / "dump")

    assert "s3cret" not in " ".join(run.argv)
    told = {name: run.environment[name] for name in run.environment if name.startswith("PG")}
    assert told.items() >= {
        ("PGPASSWORD", "s3cret@word"),
        ("PGUSER", "clerk"),
        ("PGHOST", "db.example"),
        ("PGPORT", "5433"),
        ("PGDATABASE", "bureau"),
        ("PGSSLMODE", "verify-full"),
    }


def test_a_program_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProgramMissing) as missing:
        dump(Database(URL), "00000003-1", tmp_path / "dump")
    assert missing.value.params == {"program": "pg_dump"}


def test_a_program_that_fails_tells_its_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", Recorder(1, "detail\npg_dump: error: no such host\n"))
    with pytest.raises(ProgramFailed) as failed:
        dump(Database(URL), "00000003-1", tmp_path / "dump")
    assert failed.value.params["problem"] == "pg_dump: error: no such host"
