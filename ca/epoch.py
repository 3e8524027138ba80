"""The revocation epoch: a number that grows with every change of revocation state.

What was found out about a certificate in one epoch is not believed in the next.
Whoever keeps such findings hears of a new one by `STANDING`, where the database
can say so, and reads the epoch now and then in any case.
"""

from typing import Any

from sqlalchemy import Row, Select, select, update
from sqlalchemy.orm import Session

from ca.errors import HierarchyMissing
from ca.models import RevocationEpoch
from foundation.database.announcements import STANDING, announce

# Every request asks this, so it is built once.
_READ = select(RevocationEpoch.value).where(RevocationEpoch.id == 1)


def epoch_question() -> Select[Any]:
    """Return a statement for the present epoch, to which others may add what they ask."""
    epoch = select(RevocationEpoch.value.label("epoch")).where(RevocationEpoch.id == 1)
    # Said where what others add is joined to.
    return epoch.select_from(RevocationEpoch)


def epoch_in(row: Row[Any] | None) -> int:
    """Return the epoch in the answer; raises `HierarchyMissing` before there is a CA."""
    if row is None:
        raise HierarchyMissing
    epoch: int = row.epoch
    return epoch


def read_epoch(session: Session) -> int:
    """Return the present epoch; raises `HierarchyMissing` before there is a CA."""
    value = session.scalar(_READ)
    if value is None:
        raise HierarchyMissing
    return value


def advance_epoch(session: Session) -> int:
    """Begin a new epoch and return it; other changes wait until this transaction ends."""
    value = session.scalar(
        update(RevocationEpoch)
        .where(RevocationEpoch.id == 1)
        .values(value=RevocationEpoch.value + 1)
        .returning(RevocationEpoch.value)
        .execution_options(synchronize_session=False)
    )
    if value is None:
        raise HierarchyMissing
    announce(session, STANDING)
    return value


def advance_epoch_past(session: Session, epoch: int) -> int:
    """Begin an epoch later than the present one and than `epoch`; raises `HierarchyMissing`."""
    lock_epoch(session)
    session.execute(
        update(RevocationEpoch)
        .where(RevocationEpoch.id == 1)
        .where(RevocationEpoch.value < epoch)
        .values(value=epoch)
        .execution_options(synchronize_session=False)
    )
    return advance_epoch(session)


def lock_epoch(session: Session) -> int:
    """Return the present epoch; until this transaction ends no other begins.

    Raises `HierarchyMissing`.
    """
    value = session.scalar(_READ.with_for_update())
    if value is None:
        raise HierarchyMissing
    return value
