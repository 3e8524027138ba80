"""The queue of a review officer, when far more waits than a page may look at (REV-06)."""

import pytest

from foundation.database import picking
from tests.support.workflow import LAKE, RIVER, Agency, enrolment_data, id_number, officer, unit
from workflow_core.tasks.models import Task

_MANY = 9


@pytest.fixture
def backlog(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    """Nine filings of RIVER and the last of LAKE; a page looks at four of them."""
    for name, size in (("_FIRST", 2), ("_LONGEST", 2), ("_FURTHEST", 4)):
        monkeypatch.setattr(picking, name, size)
    tasks = []
    for number in range(_MANY):
        # Two at a time share a moment.
        agency.clock.advance(minutes=number % 2)
        data = enrolment_data(id_number(order=f"{number:02}1"))
        tasks.append(agency.file(unit(RIVER), data))
    agency.clock.advance(minutes=1)
    tasks.append(agency.file(unit(LAKE), enrolment_data(id_number(order="991"))))
    return tasks


def _pages(agency: Agency, query: str = "", district: str | None = None) -> list[list[int]]:
    pages: list[list[int]] = []
    after: str | None = None
    while True:
        with agency.database.reading() as session:
            page = agency.services.officer.list_waiting(
                session, officer(district), query=query, after=after, limit=3
            )
        pages.append([review.task.id for review in page.items])
        after = page.next
        if after is None:
            return pages


def test_every_filing_is_in_one_page_the_longest_waiting_first(
    agency: Agency, backlog: list[Task]
) -> None:
    pages = _pages(agency)
    assert [key for page in pages for key in page] == [task.id for task in backlog]
    assert all(len(page) == 3 for page in pages[:-1])


def test_what_is_rare_is_found_behind_empty_pages(agency: Agency, backlog: list[Task]) -> None:
    for pages in (_pages(agency, "东湖"), _pages(agency, district="hongshan")):
        assert pages[0] == []
        assert pages[-1] == [backlog[-1].id]
        assert sum(map(len, pages)) == 1


@pytest.mark.parametrize(
    "typed", ["sequence number", "credit code", "credit code in small letters"]
)
def test_what_is_typed_whole_is_on_the_first_page(
    agency: Agency, backlog: list[Task], typed: str
) -> None:
    rare = backlog[-1]
    query = {"sequence number": rare.sequence_number, "credit code": LAKE}.get(typed, LAKE.lower())
    assert _pages(agency, query) == [[rare.id]]
    assert _pages(agency, query, district="wuchang") == [[]]


def test_what_is_typed_whole_and_decided_waits_no_more(agency: Agency, backlog: list[Task]) -> None:
    agency.reject(officer(), backlog[0].id)
    assert _pages(agency, backlog[0].sequence_number) == [[]]


def test_a_page_goes_on_behind_a_filing_that_was_decided_meanwhile(
    agency: Agency, backlog: list[Task]
) -> None:
    with agency.database.reading() as session:
        page = agency.services.officer.list_waiting(session, officer(), limit=3)
    agency.reject(officer(), backlog[2].id)
    with agency.database.reading() as session:
        behind = agency.services.officer.list_waiting(session, officer(), after=page.next, limit=3)
    assert [review.task.id for review in behind.items] == [task.id for task in backlog[3:6]]
