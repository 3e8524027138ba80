"""What an enrolment says, and how each wrong field is told (BIZ-ADD-04, OTH-15)."""

from decimal import Decimal
from typing import Any

import pytest

from foundation.errors import Invalid
from tests.support.workflow import MAN, enrolment_data
from workflow_core.modules.enrolment.data import EnrolmentData
from workflow_core.modules.reading import read_as


def _codes(data: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        read_as(EnrolmentData, data)
    return {error.field: error.code for error in refused.value.fields}


def test_reads_what_the_contract_says() -> None:
    data = read_as(EnrolmentData, enrolment_data(back_pay_from="2027-02"))

    assert data.declared_wage == Decimal("6500.00")
    assert data.model_dump(mode="json") == enrolment_data(back_pay_from="2027-02")


def test_mandatory_fields_are_all_told_at_once() -> None:
    assert _codes({}) == {
        name: "field-required" for name in enrolment_data() if name != "back_pay_from"
    }


def test_normalises_what_may_be_written_in_several_ways() -> None:
    data = read_as(
        EnrolmentData,
        enrolment_data(
            id_number=f" {MAN.lower()} ",
            name=" 买买提·艾力 ",
            ethnicity="维吾尔族",
            declared_wage=8000,
            insurance=["maternity", "pension", "pension"],
        ),
    ).model_dump(mode="json")

    assert data["id_number"] == MAN
    assert data["name"] == "买买提·艾力"
    assert data["ethnicity"] == "uygur"
    assert data["declared_wage"] == "8000.00"
    assert data["insurance"] == ["pension", "maternity"]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("id_number", 42, "id-number-format"),
        ("id_number", MAN[:-1] + ("0" if MAN[-1] != "0" else "1"), "id-number-checksum"),
        ("name", "", "field-required"),
        ("name", "<script>", "person-name-invalid"),
        ("name", "张\x00三", "person-name-invalid"),
        ("name", "\ud800\ud800", "person-name-invalid"),
        ("name", "长" * 51, "person-name-invalid"),
        ("name", ["张三"], "person-name-invalid"),
        ("sex", "", "field-required"),
        ("sex", "other", "sex-unknown"),
        ("sex", {}, "sex-unknown"),
        ("ethnicity", "martian", "ethnicity-unknown"),
        ("birth_date", "1990-02-30", "day-invalid"),
        ("birth_date", "19900101", "day-invalid"),
        ("birth_date", 631152000, "day-invalid"),
        ("employment_date", None, "day-invalid"),
        ("declared_wage", "0", "amount-not-positive"),
        ("declared_wage", "-1", "amount-invalid"),
        ("declared_wage", "1.001", "amount-invalid"),
        ("declared_wage", "1e9", "amount-invalid"),
        ("declared_wage", "NaN", "amount-invalid"),
        ("declared_wage", float("inf"), "amount-invalid"),
        ("declared_wage", True, "amount-invalid"),
        ("declared_wage", "123456789", "amount-invalid"),
        ("declared_wage", "１２", "amount-invalid"),
        ("insurance", [], "field-required"),
        ("insurance", "pension", "insurance-type-unknown"),
        ("insurance", ["pension", "dental"], "insurance-type-unknown"),
        ("insurance", [["pension"]], "insurance-type-unknown"),
        ("back_pay_from", "2027-2", "month-invalid"),
        ("back_pay_from", "", "field-required"),
        ("contract_signed", "yes", "yes-or-no-invalid"),
        ("contract_signed", 1, "yes-or-no-invalid"),
        ("salary", "6500.00", "field-unknown"),
    ],
)
def test_tells_which_field_is_wrong(name: str, value: Any, code: str) -> None:
    assert _codes(enrolment_data(**{name: value})) == {name: code}


def test_the_name_of_an_unknown_field_cannot_break_the_answer() -> None:
    assert _codes(enrolment_data(**{"x\n" + "y" * 100: 1})) == {"x" + "y" * 63: "field-unknown"}
    assert _codes(enrolment_data(**{"\ud800": 1})) == {"": "field-malformed"}
