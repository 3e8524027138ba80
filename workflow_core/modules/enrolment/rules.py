"""What keeps an enrolment from being accepted, the gravest reason first.

The same rules run when the unit saves, when it submits and when the filing is
decided (AMB-20, OTH-15); the first finding is then the reason of the return.
"""

from collections.abc import Callable, Iterator

from workflow_core.modules.enrolment.case import EnrolmentCase
from workflow_core.modules.findings import Finding
from workflow_core.month import Month
from workflow_core.registry.id_number import read_id_number
from workflow_core.registry.insurance import in_order
from workflow_core.registry.standing import InsuranceStatus

Rule = Callable[[EnrolmentCase], Iterator[Finding]]

_ACTIVE_CODES = {
    "unit": "person-active-elsewhere",
    "individual_mobility": "person-at-individual-window",
    "student_medical": "person-in-student-medical",
    "resident_medical": "person-in-resident-medical",
}


def status_finding(status: InsuranceStatus, owner: str) -> Finding | None:
    """Return why this person is not free to be enrolled by `owner`, if so (BIZ-ADD-05 .. 09)."""
    active = status.active
    if active is None:
        return None
    if active.credit_code == owner:
        return Finding("id_number", "person-active-here")
    return Finding("id_number", _ACTIVE_CODES[active.kind], {"holder": active.holder_name})


def person_is_free(case: EnrolmentCase) -> Iterator[Finding]:
    """Not insured by anybody at this moment (BIZ-ADD-05 .. 09)."""
    finding = status_finding(case.status, case.owner)
    if finding is not None:
        yield finding


def matches_identity(case: EnrolmentCase) -> Iterator[Finding]:
    """Birth date and sex are those in the number, the name that on record (BIZ-ADD-10, AMB-19)."""
    number = read_id_number(case.data.id_number)
    if number.birth_date != case.data.birth_date:
        yield Finding("birth_date", "birth-date-mismatch")
    if number.sex != case.data.sex:
        yield Finding("sex", "sex-mismatch")
    if number.birth_date > case.on:
        yield Finding("id_number", "id-number-birth-date")
    if case.status.name is not None and case.status.name != case.data.name:
        yield Finding("name", "name-differs-from-record")


def first_insurance_age(case: EnrolmentCase) -> Iterator[Finding]:
    """A first insurance only within the age window; a renewal at any age (BIZ-ADD-15)."""
    is_woman = case.data.sex == "female"
    minimum = case.ages.minimum
    below = case.ages.women_below if is_woman else case.ages.men_below
    if case.status.is_renewal or minimum <= case.age < below:
        return
    yield Finding(
        "birth_date",
        "first-insurance-age-women" if is_woman else "first-insurance-age-men",
        {"age": max(case.age, 0), "minimum": minimum, "below": below},
    )


def contract_signed(case: EnrolmentCase) -> Iterator[Finding]:
    """A labour contract exists (BIZ-ADD-09)."""
    if not case.data.contract_signed:
        yield Finding("contract_signed", "contract-not-signed")


def employed_by_now(case: EnrolmentCase) -> Iterator[Finding]:
    """The employment has begun, and not before the person was born."""
    if case.data.employment_date > case.on:
        yield Finding("employment_date", "employment-in-future")
    elif case.data.employment_date <= case.data.birth_date:
        yield Finding("employment_date", "employment-before-birth")


def insurance_of_the_unit(case: EnrolmentCase) -> Iterator[Finding]:
    """Exactly the types the unit takes part in (BIZ-ADD-12, CALC-07)."""
    if in_order(case.data.insurance) != in_order(case.unit_insurance):
        yield Finding("insurance", "insurance-differs-from-unit")


def back_pay_window(case: EnrolmentCase) -> Iterator[Finding]:
    """At most three months, not before the contract, no month twice (BIZ-ADD-14, CALC-10)."""
    start = case.data.back_pay_from
    if start is None:
        return
    months = start.through(case.month)
    last_paid = case.status.last_paid_month
    if months < 1:
        yield Finding("back_pay_from", "back-pay-in-future")
    elif months > case.calendar.back_pay_months:
        most = {"months": case.calendar.back_pay_months}
        yield Finding("back_pay_from", "back-pay-too-long", most)
    elif start < Month.of(case.data.employment_date):
        yield Finding("back_pay_from", "back-pay-before-employment")
    elif last_paid is not None and start <= last_paid:
        yield Finding("back_pay_from", "back-pay-already-paid", {"month": str(last_paid)})


RULES: tuple[Rule, ...] = (
    person_is_free,
    matches_identity,
    first_insurance_age,
    contract_signed,
    employed_by_now,
    insurance_of_the_unit,
    back_pay_window,
)


def find_reasons(case: EnrolmentCase) -> list[Finding]:
    """Return every reason against the case."""
    return [finding for rule in RULES for finding in rule(case)]
