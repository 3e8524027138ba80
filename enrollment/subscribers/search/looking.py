"""Looking for subscribers, never at more than a few thousand rows at once.

One list after the other is read: first those with a code that begins with the
text, in the order of the codes; then those with the text in their names, and
at last those without terms, in the order in which they were entered. A page
ends when it is full, or when it has looked at as many rows as it may; then it
may be short, even empty, and says where the next one goes on.
"""

from sqlalchemy.orm import Session

from enrollment.pages import Page
from enrollment.subscribers.search.places import Place
from enrollment.subscribers.search.windows import Search, Seen, Sought
from foundation.database import Picked, pick
from foundation.errors import Invalid


def find_page(
    session: Session, sought: Sought, *, after: str | None = None, limit: int
) -> Page[str]:
    """Return the usernames of a page of those who fit, `limit` of them at most.

    Raises `Invalid` ("page-unknown") for an `after` that never was a `next`.
    """
    picked = _pick(session, sought, limit, after)
    following = None if picked.last is None else str(picked.last.place)
    return Page(tuple(seen.username for seen in picked.rows), following)


def find_all(session: Session, sought: Sought, most: int) -> tuple[str, ...] | None:
    """Return the usernames of all who fit, or None when they are more than `most`.

    None also when it would have had to look at too many rows to know.
    """
    picked = _pick(session, sought, most, None)
    return None if picked.last else tuple(seen.username for seen in picked.rows)


def _pick(
    session: Session, sought: Sought, most: int, unverified_after: str | None
) -> Picked[Seen]:
    search = Search(session, sought)
    ways, begin = search.ways, None
    if unverified_after is not None:
        place = Place.read(unverified_after)
        if place.way not in ways:
            if place.way == "unwritten":
                # They have got their terms since the page before.
                return Picked((), None)
            raise Invalid("page-unknown", field="after")
        ways, begin = ways[ways.index(place.way) :], Seen(place, "", False)
    lists = [search.windows_of(way) for way in ways]
    return pick(lists, lambda seen: seen.fits, most=most, after=begin)
