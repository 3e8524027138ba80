"""What is written down outside the database, to hold against it."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field


class RecordSettings(BaseModel):
    """The journal of revocations, and the checkpoints of the audit log."""

    revocation_journal: Path | None = None
    # A file on another disk; without it checkpoints are in the database only.
    audit_anchor: Path | None = None
    audit_checkpoint_minutes: Annotated[int, Field(ge=1, le=59)] = 5
