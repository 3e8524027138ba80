"""Business sequence numbers (业务顺序号, TASK-06): the local day and a running number."""

from datetime import date

from sqlalchemy import update
from sqlalchemy.orm import Session

from foundation.database import insert_or_conflict
from foundation.errors import Conflict
from workflow_core.tasks.models import SequenceCounter


def next_sequence_number(session: Session, day: date) -> str:
    """Return YYYYMMDD and six digits, unique; a rolled-back caller leaves no gap."""
    number = _advance(session, day)
    if number is None:
        try:
            first = SequenceCounter(day=day, last=1)
            insert_or_conflict(session, first, Conflict("sequence-taken"))
            number = 1
        except Conflict:  # somebody else began the day at this moment
            number = _advance(session, day)
    assert number is not None, "a counter is never deleted"
    return f"{day:%Y%m%d}{number:06d}"


def _advance(session: Session, day: date) -> int | None:
    return session.execute(
        update(SequenceCounter)
        .where(SequenceCounter.day == day)
        .values(last=SequenceCounter.last + 1)
        .returning(SequenceCounter.last)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
