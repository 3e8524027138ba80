"""A district agency for tests: workflow services on a database, with a clock that stands still.

Builders have safe defaults; a test overrides the one thing it is about.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from stdnum.cn import ric

from foundation.audit import Actor, AuditLog
from foundation.database import Database
from policies.access import AccessPolicy
from policies.parameters import load_parameters
from policies.principal import Principal, UnitClass
from policies.review import ReviewPolicy
from tests.support.clock import FakeClock
from workflow_core.month import Month
from workflow_core.registry import Person, PersonFacts, UnitFacts
from workflow_core.registry.coverages import Employment
from workflow_core.registry.id_number import read_id_number
from workflow_core.registry.insurance import INSURANCE_TYPES
from workflow_core.services import WorkflowServices, assemble
from workflow_core.tasks.models import Task

NOON = datetime(2027, 3, 10, 4, 0, tzinfo=UTC)
"""Wednesday, 10 March 2027, noon in Wuhan."""

DELAY = timedelta(minutes=3)
RIVER = "91420100MA4K00001U"
LAKE = "91420100707123456W"
BY = Actor("test")


def id_number(born: str = "19900101", order: str = "001", district: str = "429901") -> str:
    """Return a well-formed identity number; an odd last digit of `order` is a man's."""
    text = f"{district}{born}{order}"
    return text + ric.calc_check_digit(f"{text}0")


MAN = id_number()
WOMAN = id_number("19920202", "002")


def enrolment_data(number: str = MAN, /, **changes: Any) -> dict[str, Any]:
    """Return an enrolment nobody could object to on NOON, with `changes`."""
    facts = read_id_number(number)
    return {
        "id_number": number,
        "name": "张三",
        "sex": facts.sex,
        "ethnicity": "han",
        "birth_date": facts.birth_date.isoformat(),
        "employment_date": "2027-03-01",
        "declared_wage": "6500.00",
        "insurance": list(INSURANCE_TYPES),
        "back_pay_from": None,
        "contract_signed": True,
        **changes,
    }


def unit(credit_code: str = RIVER, unit_class: UnitClass = "ordinary") -> Principal:
    """Return the principal of a unit."""
    return Principal(
        f"wh-{credit_code[-4:].lower()}", "某单位", "unit", unit_class, credit_code=credit_code
    )


def officer(district: str | None = None, name: str = "reviewer") -> Principal:
    """Return the principal of a review officer; without a district, of the whole city."""
    roles = frozenset({"review_officer"})
    return Principal(name, "王芳", "officer", roles=roles, district=district)


_access = cache(AccessPolicy.load)
_review = cache(ReviewPolicy.load)


@dataclass
class Agency:
    """The services, and short ways to say what a test needs to have happened before."""

    database: Database
    clock: FakeClock
    scheduled: list[tuple[str, datetime]] = field(default_factory=list)
    services: WorkflowServices = field(init=False)

    def __post_init__(self) -> None:
        """Assemble the services and register two units, RIVER in wuchang and LAKE in hongshan."""
        self.services = assemble(
            database=self.database,
            clock=self.clock,
            audit=AuditLog(self.clock),
            access=_access(),
            review_policy=_review(),
            parameters=load_parameters(),
            zone=ZoneInfo("Asia/Shanghai"),
            review_delay=DELAY,
            schedule_review=lambda key, due_at: self.scheduled.append((key, due_at)),
        )
        with self.database.writing() as session:
            units = self.services.registry.units
            units.register(session, UnitFacts(RIVER, "江城公司", "wuchang"), BY)
            units.register(session, UnitFacts(LAKE, "东湖公司", "hongshan"), BY)

    def save(self, principal: Principal, data: dict[str, Any] | None = None) -> Task:
        """Save an enrolment as a draft."""
        with self.database.writing() as session:
            return self.services.drafts.create(
                session, principal, "enrolment", data or enrolment_data(), BY
            )

    def submit(self, principal: Principal, task_id: int) -> Task:
        """Submit a saved task."""
        with self.database.writing() as session:
            return self.services.submission.submit(session, principal, task_id, BY)

    def file(self, principal: Principal, data: dict[str, Any] | None = None) -> Task:
        """Save and submit."""
        return self.submit(principal, self.save(principal, data).id)

    def withdraw(self, principal: Principal, task_id: int) -> Task:
        """Withdraw a task."""
        with self.database.writing() as session:
            return self.services.submission.withdraw(session, principal, task_id, BY)

    def approve(self, principal: Principal, task_id: int) -> Task:
        """Approve as an officer."""
        by = Actor(principal.username)
        with self.database.writing() as session:
            return self.services.officer.approve(session, principal, task_id, by).task

    def reject(self, principal: Principal, task_id: int, reason: str = "资料不全") -> Task:
        """Return as an officer."""
        by = Actor(principal.username)
        with self.database.writing() as session:
            return self.services.officer.reject(session, principal, task_id, reason, by).task

    def wait_for_review(self) -> None:
        """Let the automatic review's time pass, and let it run."""
        self.clock.advance(DELAY)
        self.services.automatic.sweep()

    def task(self, task_id: int) -> Task:
        """Return a task as it is stored now, detached."""
        with self.database.writing() as session:
            return session.get_one(Task, task_id)

    def insure(
        self, number: str = MAN, *, at: str | None = None, kind: str = "unit", place: str = ""
    ) -> None:
        """Enter a person with an active period, at unit `at` or of another `kind`."""
        with self.database.writing() as session:
            person = self.person(session, number)
            since = Month(2025, 1)
            coverages = self.services.registry.coverages
            if at is None:
                coverages.open_elsewhere(session, person, kind, place, since)
                return
            wage = self.services.parameters.contribution_on(since.first_day).floor.amount
            holder = self.services.registry.units.get(session, at)
            coverages.open_at_unit(session, person, holder, Employment(since, wage, wage))

    def end_insurance(self, number: str = MAN, last_month: str = "2027-02") -> None:
        """End the person's active period."""
        with self.database.writing() as session:
            coverages = self.services.registry.coverages
            active = coverages.of_person(session, self.person(session, number))[0]
            coverages.end(session, active, Month.parse(last_month))

    def person(self, session: Session, number: str, name: str = "张三") -> Person:
        """Return the person with this number, entered if need be."""
        facts = read_id_number(number)
        return self.services.registry.people.find_or_register(
            session, PersonFacts(number, name, facts.sex, facts.birth_date, "han")
        )
