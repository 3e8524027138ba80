"""An entry of the audit log before it has its place in the chain."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from foundation.audit.actor import Actor

Outcome = Literal["done", "refused"]
Fact = str | int | bool | None | list[str]


@dataclass(frozen=True)
class AuditDraft:
    """What is to be recorded; see `AuditLog.record` for the form of its parts."""

    action: str
    by: Actor
    subject: str
    outcome: Outcome = "done"
    facts: Mapping[str, Fact] = field(default_factory=dict)
