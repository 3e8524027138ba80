"""Two people at the same moment: one wins, the other is told (style: conditional updates)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest

from foundation.audit import verify_chain
from foundation.errors import Conflict, Failure
from tests.support.workflow import LAKE, MAN, Agency, enrolment_data, id_number, officer, unit

ROUNDS = 5


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Run the acts together; return for each "done" or the code it was refused with."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        barrier.wait()
        try:
            act()
        except Failure as refused:
            return refused.code
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def number_of(n: int) -> str:
    return id_number(order=f"{2 * n + 1:03}")


def test_two_officers_decide_one_wins(agency: Agency) -> None:
    for n in range(ROUNDS):
        task = agency.file(unit(), enrolment_data(number_of(n)))

        outcomes = at_once(
            partial(agency.approve, officer(name="a"), task.id),
            partial(agency.reject, officer(name="b"), task.id),
        )

        assert sorted(outcomes) == ["done", "task-already-decided"]
        decided = agency.task(task.id)
        assert decided.decided_by == ("a" if outcomes[0] == "done" else "b")
        assert decided.state == ("ended" if outcomes[0] == "done" else "returned")
        with agency.database.reading() as session:
            status = agency.services.registry.status_of(session, number_of(n))
            assert (status.active is not None) == (outcomes[0] == "done")


def test_submit_and_withdraw_one_wins(agency: Agency) -> None:
    for n in range(ROUNDS):
        task = agency.save(unit(), enrolment_data(number_of(n)))

        outcomes = at_once(
            partial(agency.submit, unit(), task.id),
            partial(agency.withdraw, unit(), task.id),
        )

        assert outcomes.count("done") == 1
        state = agency.task(task.id).state
        assert state == ("in_review" if outcomes[0] == "done" else "withdrawn")


def test_submitting_twice_submits_once(agency: Agency) -> None:
    task = agency.save(unit(unit_class="vip"))

    outcomes = at_once(*[lambda: agency.submit(unit(unit_class="vip"), task.id) for _ in range(4)])

    assert sorted(outcomes) == ["done"] + ["task-not-submittable"] * 3
    assert len(agency.scheduled) == 1


def test_saving_twice_saves_one_filing(agency: Agency) -> None:
    outcomes = at_once(*[lambda: agency.save(unit()) for _ in range(4)])

    assert outcomes.count("done") == 1
    assert set(outcomes) <= {"done", "filing-in-progress", "filing-in-progress-elsewhere"}


def test_sequence_numbers_are_unique(agency: Agency) -> None:
    numbers: list[str] = []

    def save(n: int) -> None:
        numbers.append(agency.save(unit(), enrolment_data(number_of(n))).sequence_number)

    outcomes = at_once(*[partial(save, n) for n in range(6)])

    assert outcomes == ["done"] * 6
    assert sorted(numbers) == [f"20270310{n:06}" for n in range(1, 7)]


def test_two_units_get_the_same_person_approved_one_insures(agency: Agency) -> None:
    first, second = agency.file(unit()), agency.file(unit(LAKE))

    outcomes = at_once(
        lambda: agency.approve(officer(name="a"), first.id),
        lambda: agency.approve(officer(name="b"), second.id),
    )

    assert outcomes.count("done") == 1
    assert set(outcomes) <= {"done", "person-active-elsewhere", "registry-changed-meanwhile"}
    states = sorted(agency.task(task.id).state for task in (first, second))
    assert states == ["ended", "in_review"]
    with agency.database.reading() as session:
        person = agency.services.registry.people.find(session, MAN)
        assert person is not None
        assert len(agency.services.registry.coverages.of_person(session, person)) == 1


def test_the_review_runs_twice_decides_once(agency: Agency) -> None:
    vip = unit(unit_class="vip")
    tasks = [agency.file(vip, enrolment_data(number_of(n))) for n in range(3)]
    agency.clock.advance(hours=1)

    outcomes = at_once(*[agency.services.automatic.sweep for _ in range(3)])

    assert outcomes == ["done"] * 3
    assert [agency.task(task.id).state for task in tasks] == ["ended"] * 3
    with agency.database.reading() as session:
        verify_chain(session)
        for task in tasks:
            steps = agency.services.journal.steps_of(session, task)
            assert [step.kind for step in steps] == ["saved", "submitted", "approved"]


def test_the_review_finds_the_registry_changed_and_decides_next_time(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A unit in another transaction insures the person between the checks and the effect."""
    task = agency.file(unit(unit_class="vip"))
    agency.clock.advance(hours=1)
    decisions = agency.services.decisions
    monkeypatch.setattr(decisions, "find_reasons", lambda *_: [])
    agency.insure(at=LAKE)

    with pytest.raises(Conflict, match="registry-changed-meanwhile"):
        agency.services.automatic.run(agency.scheduled[0][0])
    agency.services.automatic.sweep()
    assert agency.task(task.id).state == "in_review"

    monkeypatch.undo()
    agency.services.automatic.sweep()
    assert agency.task(task.id).return_code == "person-active-elsewhere"


def test_officer_returns_while_the_unit_is_told_to_wait(agency: Agency) -> None:
    task = agency.file(unit())

    outcomes = at_once(
        lambda: agency.reject(officer(), task.id),
        lambda: agency.withdraw(unit(), task.id),
    )

    assert outcomes[0] == "done"
    assert agency.task(task.id).state in {"returned", "withdrawn"}
