"""A server that has asked a ceremony for its issuing CA must not make a root of its own.

`certgate up` initialises an empty folder. One that waits for its bundle is
empty too, and a root made there by a start too early could not be taken back.
"""

from pathlib import Path

from foundation.errors import Conflict

_FILE = "awaiting-ceremony"


def await_ceremony(data: Path, key_name: str) -> None:
    """Note that this folder waits for a bundle."""
    (data / _FILE).write_text(f"{key_name}\n", encoding="utf-8")


def require_not_awaiting(data: Path) -> None:
    """Raise `Conflict` while the folder waits for a bundle."""
    if (data / _FILE).exists():
        raise Conflict("awaiting-ceremony", folder=str(data))


def ceremony_arrived(data: Path) -> None:
    """Forget that the folder waited."""
    (data / _FILE).unlink(missing_ok=True)
