"""The openssl command, as the second opinion on everything the CA makes."""

from pathlib import Path

from tests.support.programs import Answer, run, try_run

__all__ = ["Answer", "openssl", "try_openssl"]


def openssl(
    *arguments: str | Path, stdin: bytes = b"", folder: Path | None = None, seconds: float = 60
) -> Answer:
    """Run `openssl` and return its answer; raise `ProgramFailed` when it exits with an error."""
    return run("openssl", "openssl", *arguments, stdin=stdin, folder=folder, seconds=seconds)


def try_openssl(
    *arguments: str | Path, stdin: bytes = b"", folder: Path | None = None, seconds: float = 60
) -> Answer:
    """Run `openssl` and return its answer, whatever its exit status."""
    return try_run("openssl", "openssl", *arguments, stdin=stdin, folder=folder, seconds=seconds)
