"""The lists of units and officers (LOGIN-08, TASK-14 to TASK-19, ACT-04)."""

import pytest

from foundation.errors import Denied
from tests.support.workflow import (
    LAKE,
    RIVER,
    WOMAN,
    Agency,
    enrolment_data,
    id_number,
    officer,
    unit,
)
from workflow_core.tasks.lists import ListName


def ids(agency: Agency, name: ListName, credit_code: str = RIVER) -> list[int]:
    with agency.database.reading() as session:
        page = agency.services.lists.read(session, unit(credit_code), name)
        return [task.id for task in page.items]


def test_a_task_moves_between_the_lists(agency: Agency) -> None:
    task = agency.save(unit())
    assert (ids(agency, "todo"), ids(agency, "done")) == ([task.id], [])

    agency.submit(unit(), task.id)
    assert (ids(agency, "todo"), ids(agency, "done")) == ([], [task.id])

    agency.reject(officer(), task.id)
    assert (ids(agency, "todo"), ids(agency, "done")) == ([task.id], [])

    agency.submit(unit(), task.id)
    agency.approve(officer(), task.id)
    assert (ids(agency, "todo"), ids(agency, "done")) == ([], [task.id])


def test_task_10_a_withdrawn_task_is_in_neither_list(agency: Agency) -> None:
    task = agency.save(unit())
    agency.withdraw(unit(), task.id)

    assert (ids(agency, "todo"), ids(agency, "done")) == ([], [])


def test_units_see_only_their_own(agency: Agency) -> None:
    agency.save(unit())

    assert ids(agency, "todo", LAKE) == []


def test_officers_have_no_task_lists(agency: Agency) -> None:
    with agency.database.reading() as session, pytest.raises(Denied):
        agency.services.lists.read(session, officer(), "todo")


def test_pages_go_on_where_the_last_one_ended(agency: Agency) -> None:
    made = [agency.save(unit(), enrolment_data(id_number(order=f"{n:03}"))).id for n in range(1, 6)]
    seen: list[int] = []
    after: str | None = None
    while True:
        with agency.database.reading() as session:
            page = agency.services.lists.read(session, unit(), "todo", after=after, limit=2)
            seen += [task.id for task in page.items]
        after = page.next
        if after is None:
            break

    assert seen == list(reversed(made))


def queue(agency: Agency, district: str | None = None, query: str = "") -> list[str]:
    with agency.database.reading() as session:
        page = agency.services.officer.list_waiting(session, officer(district), query=query)
        return [review.unit.credit_code for review in page.items]


def test_act_04_a_district_officer_sees_the_own_district(agency: Agency) -> None:
    agency.file(unit(RIVER))
    agency.clock.advance(minutes=1)
    agency.file(unit(LAKE), enrolment_data(WOMAN))
    agency.file(unit(LAKE, "vip"), enrolment_data(id_number(order="005")))

    assert queue(agency) == [RIVER, LAKE]
    assert queue(agency, "wuchang") == [RIVER]
    assert queue(agency, "hongshan") == [LAKE]
    assert queue(agency, "caidian") == []


def test_the_longest_waiting_comes_first_even_if_submitted_again(agency: Agency) -> None:
    first = agency.file(unit(RIVER))
    agency.clock.advance(minutes=1)
    agency.file(unit(LAKE), enrolment_data(WOMAN))
    agency.clock.advance(minutes=1)
    agency.reject(officer(), first.id)
    agency.submit(unit(RIVER), first.id)

    assert queue(agency) == [LAKE, RIVER]


def test_the_queue_can_be_searched(agency: Agency) -> None:
    task = agency.file(unit(RIVER), enrolment_data(name="欧阳娜娜"))

    for words in ("江城", RIVER.lower(), task.sequence_number, "欧阳"):
        assert queue(agency, query=words) == [RIVER]
    for words in ("东湖", "%", "_", "\x00江城%"):
        assert queue(agency, query=words) == []


def test_the_queue_has_pages(agency: Agency) -> None:
    for n in range(1, 6):
        agency.file(unit(), enrolment_data(id_number(order=f"{n:03}")))
        agency.clock.advance(minutes=n % 2)
    seen: list[int] = []
    after: str | None = None
    while True:
        with agency.database.reading() as session:
            page = agency.services.officer.list_waiting(session, officer(), after=after, limit=2)
            seen += [review.task.id for review in page.items]
        after = page.next
        if after is None:
            break

    assert seen == sorted(seen)
    assert len(seen) == 5
