"""How long a revocation takes until this node has put it into effect, for the numbers."""

from collections.abc import Callable

from sqlalchemy import select

from ca.journal.models import RevocationChange
from gateway.composition.house import House

# A bulk revocation of thousands tells in its first hundreds how long it takes.
_MOST = 500


def effects_of(house: House) -> Callable[[int, int], None]:
    """Return what is told, in a thread, that the acts after one epoch up to another are done."""
    metrics = house.ground.observation.metrics

    def told(after: int, up_to: int) -> None:
        if metrics is None:
            return
        now = house.ground.clock.now()
        query = (
            select(RevocationChange.at)
            .where(RevocationChange.epoch > after)
            .where(RevocationChange.epoch <= up_to)
            .limit(_MOST)
        )
        with house.database.reading() as session:
            for at in session.scalars(query):
                metrics.took_effect(now - at)

    return told
