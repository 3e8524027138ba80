"""Where the policy documents lie, and the failure when one cannot be used.

A portal without its rules must not run: every document is read, parsed and
checked once at start, and whatever is wrong with it stops the start.
"""

from pathlib import Path

POLICY_FOLDER = Path(__file__).parent


class BrokenDocument(Exception):
    """A policy document is missing, cannot be parsed, or breaks its own schema.

    Meant for the operator who starts the portal, never for its users.
    """

    def __init__(self, document: str, reason: str) -> None:
        super().__init__(f"{document}: {reason}")
        self.document = document
        self.reason = reason


def read_document(folder: Path, name: str) -> str:
    """Return the text of a policy document; raises `BrokenDocument` if it cannot be read."""
    try:
        return (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenDocument(name, f"cannot be read: {error}") from error
