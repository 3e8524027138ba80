"""Lists of subscribers' ids in their order, each read from an index, and the shortest of some."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, literal, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from enrollment.models import Subscriber, SubscriberTerm, Unit

# Lists longer than this are all the same: no page reads so far.
_COUNTED = 2_000


@dataclass(frozen=True)
class Listing:
    """The ids of the rows that meet a condition; an index has them in order."""

    ids: InstrumentedAttribute[int]
    condition: ColumnElement[bool]

    def part(self, after: int, size: int) -> Select[int]:
        """Return the query of at most `size` ids above `after`."""
        return (
            select(self.ids.label("id"))
            .where(self.condition, self.ids > after)
            .order_by(self.ids)
            .limit(size)
        )


EVERYBODY = Listing(Subscriber.id, true())
EVERY_UNIT = Listing(Unit.subscriber_id, true())


def with_piece(piece: str) -> Listing:
    """Return the list of those with a piece in their name."""
    return Listing(SubscriberTerm.subscriber_id, SubscriberTerm.term == piece)


def in_district(district: str) -> Listing:
    """Return the list of the units of a district."""
    return Listing(Unit.subscriber_id, Unit.district == district)


def shortest(session: Session, listings: Sequence[Listing]) -> Listing:
    """Return the shortest of some lists; of long ones any, without reading any to its end."""
    if len(listings) == 1:
        return listings[0]
    counts = [
        select(func.count())
        .select_from(select(literal(1)).where(each.condition).limit(_COUNTED).subquery())
        .scalar_subquery()
        for each in listings
    ]
    row = session.execute(select(*counts)).one()
    return min(zip(row, listings, strict=True), key=lambda pair: pair[0])[1]
