"""Sample people for a first look: somebody in each situation of BIZ-ADD-05 to BIZ-ADD-09.

The identity numbers are made up; their district code was never assigned, so
that none of them belongs to anybody.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy.orm import Session
from stdnum.cn import ric

from foundation.audit import Actor
from workflow_core.month import Month
from workflow_core.registry import Person, PersonFacts, Registry
from workflow_core.registry.coverages import Employment
from workflow_core.registry.id_number import read_id_number
from workflow_core.services import WorkflowServices

_DISTRICT = "429901"


class _Sample(NamedTuple):
    born: str
    order: str
    name: str
    wage: str | None = None


_EMPLOYEES = (
    (
        _Sample("19880312", "001", "张伟", "8600.00"),
        _Sample("19920725", "002", "王秀英", "7250.00"),
        _Sample("19790910", "003", "刘强", "12800.00"),
    ),
    (
        _Sample("19900418", "004", "陈丽", "15600.00"),
        _Sample("19951130", "005", "杨洋", "23500.00"),
        _Sample("19850606", "006", "赵敏", "9800.00"),
    ),
)
_LEFT = _Sample("19910214", "007", "黄磊", "6900.00")
_AT_WINDOW = _Sample("19830823", "008", "周芳")
_STUDENT = _Sample("20040901", "009", "吴昊")
_RESIDENT = _Sample("19980520", "010", "孙悦")


def enter_sample_people(
    services: WorkflowServices, session: Session, by: Actor, unit_credit_codes: Sequence[str]
) -> None:
    """Enter sample people; call it once, after the units are registered.

    Every unit gets three employees. One person has left the first unit and may
    be renewed; three more are insured elsewhere and may not be enrolled yet.
    """
    registry, month = services.registry, Month.of(services.days.today())
    employ = _employer(services, session)
    for credit_code, people in zip(unit_credit_codes, _EMPLOYEES, strict=False):
        for sample in people:
            employ(sample, credit_code, month.plus(-14))
    if unit_credit_codes:
        employ(_LEFT, unit_credit_codes[0], month.plus(-30))
        left = _person(registry, session, _LEFT)
        registry.coverages.end(
            session, registry.coverages.of_person(session, left)[0], month.plus(-2)
        )
    for sample, kind, place in (
        (_AT_WINDOW, "individual_mobility", "武昌区"),
        (_STUDENT, "student_medical", "武汉大学"),
        (_RESIDENT, "resident_medical", "洪山区"),
    ):
        person = _person(registry, session, sample)
        registry.coverages.open_elsewhere(session, person, kind, place, month.plus(-10))
    services.audit.record(session, "sample.people_entered", by=by, subject="registry:sample")


def _employer(
    services: WorkflowServices, session: Session
) -> Callable[[_Sample, str, Month], None]:
    registry = services.registry

    def employ(sample: _Sample, credit_code: str, since: Month) -> None:
        wage = Decimal(sample.wage or "0")
        employment = Employment(
            from_month=since,
            declared_wage=wage,
            contribution_base=services.parameters.contribution_on(since.first_day).clamp(wage),
            employment_date=since.first_day,
        )
        person = _person(registry, session, sample)
        unit = registry.units.get(session, credit_code)
        registry.coverages.open_at_unit(session, person, unit, employment)

    return employ


def _person(registry: Registry, session: Session, sample: _Sample) -> Person:
    text = f"{_DISTRICT}{sample.born}{sample.order}"
    number = read_id_number(text + ric.calc_check_digit(f"{text}0"))
    facts = PersonFacts(number.text, sample.name, number.sex, number.birth_date, "han")
    return registry.people.find_or_register(session, facts)
