"""The openssl command, as the second opinion on everything the CA makes."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Answer:
    """What a command said and how it ended."""

    status: int
    output: bytes
    errors: str

    @property
    def text(self) -> str:
        """The standard output as text."""
        return self.output.decode()


class OpenSslFailed(AssertionError):
    """The openssl command refused what the test expected it to take."""


def openssl(
    *arguments: str | Path, stdin: bytes = b"", folder: Path | None = None, seconds: float = 60
) -> Answer:
    """Run `openssl` and return its answer; raise `OpenSslFailed` when it exits with an error."""
    answer = try_openssl(*arguments, stdin=stdin, folder=folder, seconds=seconds)
    if answer.status != 0:
        command = " ".join(map(str, arguments))
        raise OpenSslFailed(f"openssl {command}: {answer.status}\n{answer.errors}{answer.output!r}")
    return answer


def try_openssl(
    *arguments: str | Path, stdin: bytes = b"", folder: Path | None = None, seconds: float = 60
) -> Answer:
    """Run `openssl` and return its answer, whatever its exit status."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("the openssl command is not installed (apt-get install openssl)")
    done = subprocess.run(
        [program, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        cwd=folder,
        timeout=seconds,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr.decode(errors="replace"))
