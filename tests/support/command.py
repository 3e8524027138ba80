"""``certgate`` commands, run in this process or, as an operator does, each in one of its own.

Starting an interpreter costs more than most commands. That the program starts
as a process is shown by the tests that ask for it with `by_process`.
"""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from typer.testing import CliRunner

from gateway.cli.main import app
from gateway.logs import configure_logs

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 300


class Ended(NamedTuple):
    """How a command ended."""

    status: int
    output: str
    errors: str


def certgate_command() -> list[str]:
    """Return the console script beside the Python that runs the tests."""
    return [str(Path(sys.executable).parent / "certgate")]


def clean_environment() -> dict[str, str]:
    """Return the environment without the caller's own `CERTGATE_*` settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CERTGATE_")}


def run_here(arguments: Sequence[str], environment: Mapping[str, str]) -> Ended:
    """Run a command in this process; a fault of it is raised."""
    cleared = dict.fromkeys((name for name in os.environ if name not in environment), None)
    with _prepared():
        result = CliRunner().invoke(app, list(arguments), env={**cleared, **environment})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)


@contextmanager
def _prepared() -> Iterator[None]:
    """Prepare this process as `main` does, and leave it as it was."""
    umask, root, structured = os.umask(0o077), logging.getLogger(), structlog.get_config()
    level, handlers = root.level, root.handlers[:]
    configure_logs(logging.WARNING)
    try:
        yield
    finally:
        structlog.configure(**structured)
        root.handlers[:] = handlers
        root.setLevel(level)
        os.umask(umask)


def run_process(
    command: Sequence[str], arguments: Sequence[str], environment: Mapping[str, str]
) -> Ended:
    """Run a command as a process of its own."""
    done = subprocess.run(
        [*command, *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@dataclass
class Desk:
    """A machine on which somebody runs commands; settings are `CERTGATE_*` variables."""

    data: Path
    settings: dict[str, str] = field(default_factory=dict)
    by_process: bool = False

    def run(self, *arguments: str | Path, expect: int = 0) -> str:
        """Run a command; return its standard output, or what it says when it refuses."""
        ended = self._ended(arguments, expect)
        return ended.errors if expect else ended.output

    def json(self, *arguments: str | Path, expect: int = 0) -> Any:
        """Run a command with `--json` and return its document."""
        return json.loads(self._ended((*arguments, "--json"), expect).output)

    def _ended(self, arguments: Sequence[str | Path], expect: int) -> Ended:
        environment = {
            **clean_environment(), "CERTGATE_DATA": str(self.data), "LANG": "C", **self.settings
        }  # fmt: skip
        typed = list(map(str, arguments))
        if self.by_process:
            ended = run_process(certgate_command(), typed, environment)
        else:
            ended = run_here(typed, environment)
        assert ended.status == expect, ended.output + ended.errors
        return ended
