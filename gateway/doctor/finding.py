"""What the doctor found at one place."""

from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["good", "note", "wrong"]


@dataclass(frozen=True)
class Finding:
    """One check: its name, how it ended, and facts for the text ``doctor.<name>.<outcome>``.

    A "note" is worth knowing and does not make the examination fail.
    """

    check: str
    verdict: Verdict
    outcome: str
    facts: dict[str, str | int] = field(default_factory=dict)
