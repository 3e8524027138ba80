"""The search finds what looking at every name would find, in its order, on both databases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from enrollment.models import Subscriber, Unit
from enrollment.subscribers.search import Sought, find_all, find_page, is_called, make_findable
from enrollment.subscribers.search.folding import fold
from enrollment.subscribers.search.terms import codes_of
from foundation.database import Database, picking

WHEN = datetime(2027, 1, 4, 9, tzinfo=UTC)
LETTERS = "武汉公司科技长江江城ab1２ＴtéÉß%_\\(（ ·"
DISTRICTS = ("wuchang", "hankou")
# A page may look at this many rows.
FURTHEST = (1, 3, 4_500)


@dataclass(frozen=True)
class Known:
    """A subscriber as the naive search sees one."""

    number: int
    username: str
    name: str
    credit_code: str | None
    district: str | None

    def first_code(self, folded: str) -> str | None:
        """Return the first code that begins with the text."""
        codes = codes_of(self.username, self.credit_code)
        return next((code for code in codes if code.startswith(folded)), None)


names = st.lists(st.text(LETTERS, min_size=1, max_size=9), min_size=1, max_size=14)
queries = st.lists(
    st.one_of(
        st.text(LETTERS, max_size=4),
        st.sampled_from(
            ["wh", "WH00", "00001", "9142", "91420100", "a.", "0000", "公司", "\0", "１"]
        ),
    ),
    min_size=1,
    max_size=4,
)


def naively(everybody: Sequence[Known], sought: Sought) -> list[str]:
    """Return the answer of looking at each of them."""
    folded = fold(sought.text)
    among = [
        one
        for one in everybody
        if (sought.district is None or one.district == sought.district)
        and (one.credit_code is not None or not sought.units_only)
    ]
    if not sought.text:
        return [one.username for one in among]
    if not folded:
        return []
    by_code = [(code, one) for one in among if (code := one.first_code(folded)) is not None]
    by_code.sort(key=lambda pair: (pair[0], pair[1].number))
    coded = {one.username for _, one in by_code}
    by_name = [one for one in among if folded in fold(one.name) and one.username not in coded]
    return [one.username for _, one in by_code] + [one.username for one in by_name]


def enter(session: Session, number: int, name: str) -> Known:
    """Enter a unit, or an officer now and then."""
    is_unit = number % 4 != 3
    known = Known(
        number,
        f"wh{number:06}" if is_unit else f"a.{number}",
        name,
        f"91420100{number * 7919 % 10**9:09}L" if is_unit else None,
        DISTRICTS[number % 2] if is_unit else None,
    )
    subscriber = Subscriber(
        id=number,
        username=known.username,
        kind="unit" if is_unit else "officer",
        display_name=name,
        created_at=WHEN,
    )
    session.add(subscriber)
    session.flush()
    if known.credit_code is not None and known.district is not None:
        unit = Unit(
            subscriber_id=number,
            credit_code=known.credit_code,
            district=known.district,
            insurance=[],
        )
        session.add(unit)
    make_findable(session, subscriber, known.credit_code)
    return known


def every_page(session: Session, sought: Sought, limit: int) -> list[str]:
    """Return what all pages show."""
    shown: list[str] = []
    after: str | None = None
    while True:
        page = find_page(session, sought, after=after, limit=limit)
        assert len(page.items) <= limit
        shown += page.items
        after = page.next
        if after is None:
            return shown


def found_by_condition(session: Session, text: str) -> set[str]:
    """Return whom the condition on rows finds."""
    query = (
        select(Subscriber.username)
        .outerjoin(Unit, Unit.subscriber_id == Subscriber.id)
        .where(is_called(text))
    )
    return set(session.scalars(query))


def test_pages_show_what_looking_at_everybody_would(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    @settings(max_examples=8)
    @given(names, queries, st.sampled_from(FURTHEST), st.integers(1, 5))
    def check(given_names: list[str], asked: list[str], furthest: int, limit: int) -> None:
        monkeypatch.setattr(picking, "_FURTHEST", furthest)
        monkeypatch.setattr(picking, "_FIRST", min(furthest, 128))
        monkeypatch.setattr(picking, "_LONGEST", min(furthest, 1_024))
        # What a reading session has changed is rolled back.
        with database.reading() as session:
            everybody = [enter(session, number, name) for number, name in enumerate(given_names, 1)]
            parts = [name[1:4] for name in given_names[:3]]
            for text in [*asked, *parts, ""]:
                for sought in (
                    Sought(text),
                    Sought(text, units_only=True),
                    Sought(text, units_only=True, district="hankou"),
                ):
                    expected = naively(everybody, sought)
                    assert every_page(session, sought, limit) == expected
                    found = find_all(session, sought, len(everybody))
                    assert found in {None, tuple(expected)}
                if text:
                    assert found_by_condition(session, text) == set(
                        naively(everybody, Sought(text))
                    )

    check()
