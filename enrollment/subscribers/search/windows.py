"""A few rows of a list at a time, each with whether it is one that is looked for."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, select, true, tuple_
from sqlalchemy.orm import Session

from enrollment.models import Subscriber, SubscriberTerm, Unit
from enrollment.subscribers.search.conditions import is_called
from enrollment.subscribers.search.folding import fold
from enrollment.subscribers.search.listings import (
    EVERY_UNIT,
    EVERYBODY,
    Listing,
    in_district,
    shortest,
    with_piece,
)
from enrollment.subscribers.search.places import Place, Way
from enrollment.subscribers.search.terms import (
    CODE_MARK,
    asked_pieces,
    codes_of,
    could_begin_code,
)
from foundation.database import Window

# Behind every character of a code.
_AFTER_CODES = "~"


@dataclass(frozen=True)
class Sought:
    """Who is looked for: a text as it was typed, and among whom.

    Without a text everybody is; a text of nothing but spaces finds nobody.
    Only units lie in a district.
    """

    text: str = ""
    units_only: bool = False
    district: str | None = None


@dataclass(frozen=True)
class Seen:
    """A row that was looked at, and whether it is one that is looked for."""

    place: Place
    username: str
    fits: bool


class Search:
    """Reads the lists in which somebody may stand."""

    def __init__(self, session: Session, sought: Sought) -> None:
        self._session = session
        self._sought = sought
        self._text = fold(sought.text)
        self._windows: dict[Way, Callable[[Place, int], list[Seen]]] = {
            "all": self._everybody,
            "code": self._by_code,
            "name": self._by_name,
            "unwritten": self._unwritten,
        }

    @property
    def ways(self) -> tuple[Way, ...]:
        """The lists to read, in this order."""
        if not self._sought.text:
            return ("all",)
        if not self._text:
            return ()
        ways: tuple[Way, ...] = ("code", "name") if self._is_code else ("name",)
        return (*ways, "unwritten") if self._is_filling else ways

    def windows_of(self, way: Way) -> Window[Seen]:
        """Return how to read the rows of a list."""
        read = self._windows[way]
        return lambda last, size: read(last.place if last else Place(way), size)

    @cached_property
    def _is_code(self) -> bool:
        return could_begin_code(self._text)

    @cached_property
    def _is_filling(self) -> bool:
        # Asked by itself: with further conditions a planner may think of other indexes.
        without = select(Subscriber.id).where(Subscriber.searched_name.is_(None)).limit(1)
        return self._session.scalar(without) is not None

    @cached_property
    def _shortest(self) -> Listing:
        lists = [with_piece(piece) for piece in asked_pieces(self._text)]
        if self._sought.district is not None:
            lists.append(in_district(self._sought.district))
        return shortest(self._session, lists)

    @cached_property
    def _among(self) -> ColumnElement[bool]:
        if self._sought.district is not None:
            return Unit.district == self._sought.district
        return Unit.subscriber_id.is_not(None) if self._sought.units_only else true()

    def _everybody(self, place: Place, size: int) -> list[Seen]:
        listing = EVERY_UNIT if self._sought.units_only else EVERYBODY
        if self._sought.district is not None:
            listing = in_district(self._sought.district)
        rows = self._rows(listing.part(place.subscriber_id, size), true())
        return [Seen(Place("all", row.id), row.username, True) for row in rows]

    def _by_name(self, place: Place, size: int) -> list[Seen]:
        has_text = Subscriber.searched_name.contains(self._text, autoescape=True)
        part = self._shortest.part(place.subscriber_id, size)
        return [
            Seen(
                Place("name", row.id),
                row.username,
                # Who has such a code as well stood in the list before.
                bool(row.fits) and self._first_code(row.username, row.credit_code) is None,
            )
            for row in self._rows(part, and_(has_text, self._among))
        ]

    def _by_code(self, place: Place, size: int) -> list[Seen]:
        term, key = SubscriberTerm.term, SubscriberTerm.subscriber_id
        first = CODE_MARK + self._text
        begin = term >= first
        if place.code.startswith(self._text):
            # Instead of the other: of two lower ends PostgreSQL may start at the wrong one.
            here = tuple_(literal(CODE_MARK + place.code), literal(place.subscriber_id))
            begin = tuple_(term, key) > here
        part = (
            select(term.label("term"), key.label("id"))
            .where(begin, term < first + _AFTER_CODES)
            .order_by(term, key)
            .limit(size)
        )
        seen = []
        for row in self._rows(part, self._among):
            code = row.term.removeprefix(CODE_MARK)
            # A subscriber has several codes and is shown under the first that fits.
            is_first = self._first_code(row.username, row.credit_code) == code
            place = Place("code", row.id, code)
            seen.append(Seen(place, row.username, bool(row.fits) and is_first))
        return seen

    def _unwritten(self, place: Place, size: int) -> list[Seen]:
        # Only after an upgrade, and then as slow as it was before.
        part = (
            select(Subscriber.id.label("id"))
            .outerjoin(Unit, Unit.subscriber_id == Subscriber.id)
            .where(
                Subscriber.searched_name.is_(None),
                Subscriber.id > place.subscriber_id,
                is_called(self._sought.text),
                self._among,
            )
            .order_by(Subscriber.id)
            .limit(size)
        )
        rows = self._rows(part, true())
        return [Seen(Place("unwritten", row.id), row.username, True) for row in rows]

    def _first_code(self, username: str, credit_code: str | None) -> str | None:
        if not self._is_code:
            return None
        codes = codes_of(username, credit_code)
        return next((code for code in codes if code.startswith(self._text)), None)

    def _rows(self, part: Select[*tuple[Any, ...]], fits: ColumnElement[bool]) -> list[Any]:
        found = part.subquery()
        columns = [found.c.term] if "term" in found.c else []
        # Outer joins: a row that is left out would look like the end of the list.
        statement = (
            select(found.c.id, *columns, Subscriber.username, Unit.credit_code, fits.label("fits"))
            .select_from(found)
            .outerjoin(Subscriber, Subscriber.id == found.c.id)
            .outerjoin(Unit, Unit.subscriber_id == found.c.id)
            .order_by(*columns, found.c.id)
        )
        return list(self._session.execute(statement))
