"""How long a revocation takes until it is in effect here, for the numbers."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from ca.journal.models import RevocationChange
from foundation.clock import Clock
from foundation.database import Database

# A bulk revocation of thousands tells in its first hundreds how long it takes.
_MOST = 500


def effects_to(
    took_effect: Callable[[timedelta], None], database: Database, clock: Clock
) -> Callable[[int, int], None]:
    """Return what is told that the acts after one epoch up to another are in effect.

    It reads when they happened, so it blocks, and raises what the database raises.
    """

    def told(after: int, up_to: int) -> None:
        now = clock.now()
        query = (
            select(RevocationChange.at)
            .where(RevocationChange.epoch > after)
            .where(RevocationChange.epoch <= up_to)
            .limit(_MOST)
        )
        with database.reading() as session:
            for at in session.scalars(query):
                took_effect(now - at)

    return told
