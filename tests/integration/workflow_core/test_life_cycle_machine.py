"""Whatever units, officers and the clock do in whatever order, a task stays lawful.

Hypothesis plays the people; a small model beside the agency says what must be
true (TASK-02 to TASK-20, AMB-12, AMB-18).
"""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from foundation.database import Database
from foundation.errors import Conflict, Failure, NotFound
from policies.principal import UnitClass
from tests.support.clock import FakeClock
from tests.support.schema import create_schema
from tests.support.workflow import (
    LAKE,
    NOON,
    RIVER,
    Agency,
    enrolment_data,
    id_number,
    officer,
    unit,
)
from workflow_core.tasks.models import Task

PEOPLE = [id_number(order=f"{n:03}") for n in (1, 2, 3)]
LAWFUL = {
    "draft": {"draft", "in_review", "withdrawn"},
    "in_review": {"in_review", "ended", "returned"},
    "returned": {"returned", "in_review", "withdrawn"},
    "ended": {"ended"},
    "withdrawn": {"withdrawn"},
}


class LifeCycle(RuleBasedStateMachine):
    tasks = Bundle("tasks")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        url = f"sqlite:///{Path(self.folder.name) / 'certgate.sqlite3'}"
        create_schema(url)
        self.database = Database(url)
        self.agency = Agency(self.database, FakeClock(NOON))
        self.owners: dict[int, str] = {}
        self.states: dict[int, str] = {}

    def teardown(self) -> None:
        self.database.dispose()
        self.folder.cleanup()

    @rule(
        target=tasks,
        credit_code=st.sampled_from([RIVER, LAKE]),
        number=st.sampled_from(PEOPLE),
    )
    def save(self, credit_code: str, number: str) -> int | None:
        try:
            task = self.agency.save(unit(credit_code), enrolment_data(number))
        except Failure:
            return None
        self.owners[task.id] = credit_code
        self.states[task.id] = "draft"
        return task.id

    @rule(task_id=tasks, unit_class=st.sampled_from(["vip", "ordinary"]))
    def submit(self, task_id: int | None, unit_class: UnitClass) -> None:
        self._act(task_id, lambda owner, key: self.agency.submit(unit(owner, unit_class), key))

    @rule(task_id=tasks)
    def withdraw(self, task_id: int | None) -> None:
        self._act(task_id, lambda owner, key: self.agency.withdraw(unit(owner), key))

    @rule(task_id=tasks)
    def approve(self, task_id: int | None) -> None:
        self._act(task_id, lambda _, key: self.agency.approve(officer(), key))

    @rule(task_id=tasks)
    def reject(self, task_id: int | None) -> None:
        self._act(task_id, lambda _, key: self.agency.reject(officer(), key))

    @rule(task_id=tasks)
    def meddle(self, task_id: int | None) -> None:
        """A unit that is not the owner never achieves anything."""
        if task_id is None:
            return
        stranger = unit(LAKE if self.owners[task_id] == RIVER else RIVER)
        for act in (self.agency.submit, self.agency.withdraw):
            with pytest.raises(NotFound):
                act(stranger, task_id)

    @rule(minutes=st.integers(1, 5))
    def wait(self, minutes: int) -> None:
        self.agency.clock.advance(timedelta(minutes=minutes))
        self.agency.services.automatic.sweep()

    @rule(number=st.sampled_from(PEOPLE))
    def leave(self, number: str) -> None:
        """Whoever pays for the person stops."""
        try:
            self.agency.end_insurance(number)
        except (Conflict, IndexError):
            return

    @invariant()
    def every_change_was_lawful(self) -> None:
        for task_id, before in self.states.items():
            task = self.agency.task(task_id)
            assert task.state in LAWFUL[before] or (
                # A rule may submit and a sweep decide within one step.
                before in {"draft", "returned"} and task.state in {"ended", "returned"}
            )
            self.states[task_id] = task.state
            self._is_consistent(task)

    @invariant()
    def nobody_is_paid_for_twice(self) -> None:
        registry = self.agency.services.registry
        with self.database.reading() as session:
            for number in PEOPLE:
                person = registry.people.find(session, number)
                if person is not None:
                    periods = registry.coverages.of_person(session, person)
                    assert sum(period.status == "active" for period in periods) <= 1

    def _is_consistent(self, task: Task) -> None:
        assert (task.effective_month is not None) == (task.state == "ended")
        assert task.is_returned == bool(task.return_code or task.return_text)
        assert (task.route is None) <= (task.state in {"draft", "withdrawn"})
        with self.database.reading() as session:
            todo = self.agency.services.lists.read(session, unit(task.owner), "todo", limit=100)
            done = self.agency.services.lists.read(session, unit(task.owner), "done", limit=100)
            listed = tuple([t.id for t in page.items].count(task.id) for page in (todo, done))
        expected = {"draft": (1, 0), "returned": (1, 0), "in_review": (0, 1), "ended": (0, 1)}
        assert listed == expected.get(task.state, (0, 0))

    def _act(self, task_id: int | None, act: Callable[[str, int], object]) -> None:
        if task_id is not None:
            self._try(lambda: act(self.owners[task_id], task_id))

    @staticmethod
    def _try(act: Callable[[], object]) -> None:
        try:
            act()
        except Failure:
            return


LifeCycle.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
test_life_cycle = LifeCycle.TestCase
