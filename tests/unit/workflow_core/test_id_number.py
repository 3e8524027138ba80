"""Identity numbers: format, checksum and the facts in them (AMB-19)."""

from datetime import date

import pytest

from tests.support.workflow import id_number
from workflow_core.registry.id_number import IdNumberError, read_id_number


def test_tells_birth_date_and_sex() -> None:
    man = read_id_number(id_number("19900101", "001"))
    woman = read_id_number(id_number("19920229", "002"))

    assert (man.birth_date, man.sex) == (date(1990, 1, 1), "male")
    assert (woman.birth_date, woman.sex) == (date(1992, 2, 29), "female")


def test_forgives_spaces_and_a_small_x() -> None:
    number = next(n for i in range(1, 99) if (n := id_number(order=f"{i:03}")).endswith("X"))

    typed = f" {number[:6]} {number[6:14]} {number[14:].lower()} "

    assert read_id_number(typed).text == number


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "id-number-format"),
        ("42990119900101", "id-number-format"),
        ("0" * 18, "id-number-format"),
        ("４２９９０１１９９００１０１００１３", "id-number-format"),
        (id_number()[:-1] + "/", "id-number-format"),
        ("429901199002300013", "id-number-birth-date"),
        ("429901189912310013", "id-number-birth-date"),
    ],
)
def test_refuses_what_is_no_identity_number(typed: str, code: str) -> None:
    with pytest.raises(IdNumberError) as refused:
        read_id_number(typed)

    assert refused.value.code == code


def test_one_wrong_digit_is_noticed() -> None:
    number = id_number()
    for place in range(14, 18):
        other = "1" if number[place] != "1" else "2"
        wrong = number[:place] + other + number[place + 1 :]
        with pytest.raises(IdNumberError) as refused:
            read_id_number(wrong)
        assert refused.value.code == "id-number-checksum"
