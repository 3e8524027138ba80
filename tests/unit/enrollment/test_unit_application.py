"""What must be true of a unit that applies (ENR-24, CALC-06)."""

from dataclasses import replace

import pytest

from enrollment.events import Contact
from enrollment.subscribers.unit_application import (
    INSURANCE_TYPES,
    UnitApplication,
    verify_application,
)
from foundation.errors import Invalid

RIGHT = UnitApplication("武汉长江贸易有限公司", "91420100177590265L", "wuchang")


def errors_of(application: UnitApplication) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        verify_application(application)
    assert refused.value.code == "application-invalid"
    return [(error.field, error.code) for error in refused.value.fields]


def test_the_stored_form_is_tidy() -> None:
    verified = verify_application(
        replace(
            RIGHT,
            name="  武汉  长江\n贸易 ",
            credit_code=" 9142 0100 1775 9026 5l ",
            district="WuChang ",
            insurance=("medical", "pension", "medical"),
        )
    )
    assert verified.name == "武汉 长江 贸易"
    assert verified.credit_code == RIGHT.credit_code
    assert verified.district == "wuchang"
    assert verified.insurance == ("pension", "medical")


def test_a_normal_unit_takes_all_six_types() -> None:
    assert verify_application(RIGHT).insurance == INSURANCE_TYPES


def test_a_district_that_is_not_on_the_list_is_taken_as_it_is() -> None:
    assert verify_application(replace(RIGHT, district="江夏新城")).district == "江夏新城"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": " "}, ("name", "field-required")),
        ({"name": "x" * 101}, ("name", "field-too-long")),
        ({"name": "a\u202eb"}, ("name", "field-unprintable")),
        ({"credit_code": ""}, ("credit_code", "field-required")),
        ({"credit_code": "91420100177590265M"}, ("credit_code", "credit-code-checksum")),
        ({"credit_code": "914201001775902"}, ("credit_code", "credit-code-invalid")),
        ({"credit_code": "IOZSV0100177590265"}, ("credit_code", "credit-code-invalid")),
        ({"district": ""}, ("district", "field-required")),
        ({"district": "x" * 33}, ("district", "district-unknown")),
        ({"insurance": ()}, ("insurance", "field-required")),
        ({"insurance": ("pension", "dental")}, ("insurance", "insurance-unknown")),
        ({"contact": Contact(phone="call me")}, ("phone", "phone-invalid")),
        ({"contact": Contact(email="nobody")}, ("email", "email-invalid")),
        ({"contact": Contact(name="x" * 65)}, ("contact_name", "field-too-long")),
    ],
)
def test_each_error_names_its_field(change: dict[str, object], error: tuple[str, str]) -> None:
    assert errors_of(replace(RIGHT, **change)) == [error]  # type: ignore[arg-type]


def test_everything_wrong_is_said_at_once() -> None:
    wrong = UnitApplication("", "1", "", ("x",))
    assert [field for field, _ in errors_of(wrong)] == [
        "name",
        "credit_code",
        "district",
        "insurance",
    ]
