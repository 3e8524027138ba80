"""Every reason against an enrolment, one rule at a time (BIZ-ADD, AMB-17, AMB-19, CALC-10)."""

from datetime import date
from typing import Any

import pytest

from policies.parameters import load_parameters
from tests.support.workflow import LAKE, MAN, RIVER, enrolment_data, id_number
from workflow_core.modules.enrolment.case import EnrolmentCase
from workflow_core.modules.enrolment.data import EnrolmentData
from workflow_core.modules.enrolment.hints import find_hints
from workflow_core.modules.enrolment.rules import find_reasons
from workflow_core.month import Month
from workflow_core.registry.insurance import INSURANCE_TYPES
from workflow_core.registry.standing import ActiveCoverage, InsuranceStatus

TODAY = date(2027, 3, 10)
_PARAMETERS = load_parameters()
RENEWAL = InsuranceStatus(name="张三", insured_before=True)


def case(
    *,
    status: InsuranceStatus | None = None,
    on: date = TODAY,
    unit_class: str = "ordinary",
    unit_insurance: tuple[str, ...] = INSURANCE_TYPES,
    number: str = MAN,
    **data: Any,
) -> EnrolmentCase:
    return EnrolmentCase(
        data=EnrolmentData.model_validate(enrolment_data(number, **data)),
        owner=RIVER,
        unit_class=unit_class,
        unit_insurance=unit_insurance,
        status=status or InsuranceStatus(),
        on=on,
        calendar=_PARAMETERS.calendar,
        ages=_PARAMETERS.ages,
    )


def reasons(enrolment: EnrolmentCase) -> list[tuple[str, str]]:
    return [(finding.field, finding.code) for finding in find_reasons(enrolment)]


def active(kind: str, holder: str, credit_code: str | None = None) -> InsuranceStatus:
    return InsuranceStatus("张三", True, ActiveCoverage(kind, holder, credit_code))


def test_biz_add_05_nothing_against_a_first_insurance_or_a_renewal() -> None:
    assert reasons(case()) == []
    assert reasons(case(status=RENEWAL)) == []


def test_biz_add_06_active_at_another_unit_names_that_unit() -> None:
    found = find_reasons(case(status=active("unit", "东湖公司", LAKE)))

    assert [(f.field, f.code) for f in found] == [("id_number", "person-active-elsewhere")]
    assert found[0].params == {"holder": "东湖公司"}


def test_active_at_this_unit_is_said_differently() -> None:
    assert reasons(case(status=active("unit", "江城公司", RIVER))) == [
        ("id_number", "person-active-here")
    ]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("individual_mobility", "person-at-individual-window"),  # BIZ-ADD-07
        ("student_medical", "person-in-student-medical"),  # BIZ-ADD-08
        ("resident_medical", "person-in-resident-medical"),  # BIZ-ADD-09
    ],
)
def test_biz_add_07_to_09_insured_in_another_scheme(kind: str, code: str) -> None:
    found = find_reasons(case(status=active(kind, "武昌区")))

    assert [(f.field, f.code) for f in found] == [("id_number", code)]
    assert found[0].params == {"holder": "武昌区"}


def test_biz_add_09_no_enrolment_without_a_signed_contract() -> None:
    assert reasons(case(contract_signed=False)) == [("contract_signed", "contract-not-signed")]


def test_biz_add_10_birth_date_and_sex_are_those_of_the_number() -> None:
    assert reasons(case(birth_date="1990-01-02", sex="female")) == [
        ("birth_date", "birth-date-mismatch"),
        ("sex", "sex-mismatch"),
    ]


def test_biz_add_10_a_renewed_person_keeps_the_name_on_record() -> None:
    assert reasons(case(status=RENEWAL, name="张叁")) == [("name", "name-differs-from-record")]


def test_amb_19_nobody_is_born_after_the_filing() -> None:
    number = id_number("20280101")

    assert ("id_number", "id-number-birth-date") in reasons(case(number=number))


@pytest.mark.parametrize(
    "types", [INSURANCE_TYPES[:-1], ("pension",)], ids=["one too few", "only one"]
)
def test_biz_add_12_types_are_those_of_the_unit(types: tuple[str, ...]) -> None:
    wrong = [("insurance", "insurance-differs-from-unit")]

    assert reasons(case(insurance=list(types))) == wrong
    assert reasons(case(unit_insurance=types)) == wrong
    assert reasons(case(insurance=list(types), unit_insurance=types)) == []


@pytest.mark.parametrize("month", ["2027-01", "2027-02", "2027-03"])
def test_biz_add_14_back_pay_of_three_months_including_this_one(month: str) -> None:
    assert reasons(case(back_pay_from=month, employment_date="2026-12-31")) == []


def test_biz_add_14_more_than_three_months_is_for_the_desk() -> None:
    found = find_reasons(case(back_pay_from="2026-12", employment_date="2026-12-01"))

    assert [(f.field, f.code) for f in found] == [("back_pay_from", "back-pay-too-long")]
    assert found[0].params == {"months": 3}


def test_biz_add_14_back_pay_follows_the_contract() -> None:
    assert reasons(case(back_pay_from="2027-04")) == [("back_pay_from", "back-pay-in-future")]
    assert reasons(case(back_pay_from="2027-02", employment_date="2027-03-01")) == [
        ("back_pay_from", "back-pay-before-employment")
    ]


def test_no_month_is_paid_twice() -> None:
    paid = InsuranceStatus("张三", True, None, Month(2027, 2))
    twice = case(status=paid, back_pay_from="2027-02", employment_date="2027-02-01")

    assert reasons(twice) == [("back_pay_from", "back-pay-already-paid")]
    assert reasons(case(status=paid, back_pay_from="2027-03")) == []


@pytest.mark.parametrize(
    ("sex", "born", "accepted"),
    [
        ("female", "20110311", False),  # 16 tomorrow
        ("female", "20110310", True),  # 16 today
        ("female", "19870311", True),  # 40 tomorrow
        ("female", "19870310", False),  # 40 today
        ("male", "20110311", False),
        ("male", "20110310", True),
        ("male", "19770311", True),  # 50 tomorrow
        ("male", "19770310", False),  # 50 today
    ],
)
def test_biz_add_15_first_insurance_only_within_the_ages(
    sex: str, born: str, accepted: bool
) -> None:
    number = id_number(born, "001" if sex == "male" else "002")
    word = "men" if sex == "male" else "women"
    expected = [] if accepted else [("birth_date", f"first-insurance-age-{word}")]

    assert reasons(case(number=number)) == expected
    # AMB-17: a renewal has no window.
    assert reasons(case(number=number, status=RENEWAL)) == []


def test_amb_17_born_on_leap_day() -> None:
    number = id_number("19880229", "002")

    assert case(number=number, on=date(2027, 2, 28)).age == 38
    assert case(number=number, on=date(2027, 3, 1)).age == 39


def test_employment_has_begun() -> None:
    assert reasons(case(employment_date="2027-03-10")) == []
    assert reasons(case(employment_date="2027-03-11")) == [
        ("employment_date", "employment-in-future")
    ]
    assert reasons(case(employment_date="1989-12-31")) == [
        ("employment_date", "employment-before-birth")
    ]


def test_the_gravest_reason_comes_first() -> None:
    wrong = case(
        status=active("unit", "东湖公司", LAKE),
        birth_date="1990-01-02",
        contract_signed=False,
        insurance=["pension"],
    )

    assert [code for _, code in reasons(wrong)] == [
        "person-active-elsewhere",
        "birth-date-mismatch",
        "contract-not-signed",
        "insurance-differs-from-unit",
    ]


def test_amb_13_effective_month() -> None:
    paid = InsuranceStatus("张三", True, None, Month(2027, 3))

    assert case().effective_month == Month(2027, 3)
    assert case(back_pay_from="2027-01").effective_month == Month(2027, 1)
    assert case(status=paid).effective_month == Month(2027, 4)


def hints(enrolment: EnrolmentCase) -> list[str]:
    return [finding.code for finding in find_hints(enrolment)]


def test_biz_add_20_hint_after_thirty_days_never_a_block() -> None:
    in_time, late = case(employment_date="2027-02-08"), case(employment_date="2027-02-07")

    assert hints(in_time) == ["papers-by-deadline"]
    assert hints(late) == ["hiring-duty-late", "papers-by-deadline"]
    assert reasons(late) == []


def test_amb_08_papers_until_the_20th_inclusive_later_a_warning() -> None:
    assert hints(case(on=date(2027, 3, 20))) == ["papers-by-deadline"]
    late = case(on=date(2027, 3, 21))
    assert hints(late) == ["papers-after-deadline"]
    assert reasons(late) == []


def test_biz_add_19_vip_units_keep_their_papers() -> None:
    assert hints(case(on=date(2027, 3, 21), unit_class="vip")) == ["papers-kept-by-unit"]
