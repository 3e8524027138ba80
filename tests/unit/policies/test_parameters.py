"""Parameters are complete, bounded and dated, or nothing starts."""

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from foundation.errors import Unavailable
from policies.documents import BrokenDocument
from policies.parameters import Parameters, load_parameters

NEXT_SET = """
[[contribution]]
effective_from = 2027-07-01
floor = { amount = 4500.00, placeholder = false }
cap = { amount = 24000.00, placeholder = false }
large_medical = { amount = 9.00, placeholder = false }
pension = { unit = 0.16, employee = 0.08 }
medical = { unit = 0.08, employee = 0.02 }
unemployment = { unit = 0.007, employee = 0.003 }
maternity = { unit = 0.007, employee = 0.0 }
work_injury = { lowest = 0.002, highest = 0.019 }
"""


def change(folder: Path, old: str, new: str) -> None:
    """Replace the first `old` in the document; fails when it is not there."""
    document = folder / "parameters.toml"
    text = document.read_text(encoding="utf-8")
    assert old in text
    document.write_text(text.replace(old, new, 1), encoding="utf-8")


def names_in(document: str) -> list[str]:
    return sorted(set(re.findall(r"^(\w+) = ", document, re.MULTILINE)))


def test_rates_are_those_of_the_guides(parameters: Parameters) -> None:
    """CALC-01 to CALC-05, AMB-14."""
    rates = parameters.contribution_on(date(2026, 7, 1))
    assert rates.pension.total == Decimal("0.28")
    assert (rates.pension.unit, rates.pension.employee) == (Decimal("0.20"), Decimal("0.08"))
    assert (rates.medical.unit, rates.medical.employee) == (Decimal("0.08"), Decimal("0.02"))
    assert rates.unemployment.unit == Decimal("0.02")
    assert rates.unemployment.employee == Decimal("0.01")
    assert (rates.maternity.unit, rates.maternity.employee) == (Decimal("0.007"), Decimal(0))
    assert rates.work_injury.lowest == Decimal("0.005")
    assert rates.work_injury.highest == Decimal("0.02")


def test_amounts_that_the_guides_do_not_give_are_marked(parameters: Parameters) -> None:
    """AMB-15."""
    in_force = parameters.contribution_on(date(2026, 7, 1))
    assert in_force.placeholders == ("floor", "cap", "large_medical")


def test_calendar_and_ages_are_those_of_the_guides(parameters: Parameters) -> None:
    """CALC-10, CALC-12, BIZ-ADD-15, AMB-07."""
    calendar, ages = parameters.calendar, parameters.ages
    assert calendar.papers_due_day == 20
    assert (calendar.registration_first_day, calendar.registration_last_day) == (1, 22)
    assert (calendar.founding_days, calendar.hiring_days) == (30, 30)
    assert calendar.back_pay_months == 3
    assert (ages.minimum, ages.women_below, ages.men_below) == (16, 40, 50)


def test_the_slip_secrets_are_random_enough(parameters: Parameters) -> None:
    slips = parameters.slips
    assert len(slips.alphabet) ** slips.download_password.length >= 2**80
    assert slips.initial_password.length >= parameters.passwords.minimum_length
    assert slips.validity == timedelta(days=30)


def test_every_table_and_every_name_is_needed(folder: Path) -> None:
    """AMB-15: refuse to start without them."""
    document = folder / "parameters.toml"
    whole = document.read_text(encoding="utf-8")
    for name in names_in(whole):
        document.write_text(
            re.sub(rf"^{name} = .*$", "", whole, flags=re.MULTILINE), encoding="utf-8"
        )
        with pytest.raises(BrokenDocument, match=name):
            load_parameters(folder)


@pytest.mark.parametrize("amount", ["floor", "cap", "large_medical"])
def test_an_amount_must_say_whether_it_is_a_placeholder(folder: Path, amount: str) -> None:
    document = folder / "parameters.toml"
    text = document.read_text(encoding="utf-8")
    document.write_text(
        re.sub(rf"^({amount} = .*), placeholder = true", r"\1", text, flags=re.MULTILINE),
        encoding="utf-8",
    )
    with pytest.raises(BrokenDocument, match="placeholder"):
        load_parameters(folder)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("minimum_length = 10", "minimum_length = 7"),
        ("maximum_length = 128", "maximum_length = 63"),
        ("minimum_length = 10", 'minimum_length = "10"'),
        ("time_cost = 2", "time_cost = 1"),
        ("memory_cost = 19456", "memory_cost = 19455"),
        ("parallelism = 1", "parallelism = 0"),
        ("lock_after = 10", "lock_after = 101"),
        ("free_attempts = 3", "free_attempts = 10"),
        ('first_backoff = "2 seconds"', 'first_backoff = "2 minutes"'),
        ('lock_duration = "30 minutes"', "lock_duration = 1800"),
        ('lock_duration = "30 minutes"', 'lock_duration = "half an hour"'),
        ('validity = "30 days"', 'validity = "91 days"'),
        ('alphabet = "23456789', 'alphabet = "0123456789'),
        ('alphabet = "23456789', 'alphabet = "22345678'),
        ("groups = 4, group_length = 4", "groups = 5, group_length = 3"),
        ('idle = "30 minutes"', 'idle = "2 hours"'),
        ('absolute = "12 hours"', 'absolute = "25 hours"'),
        ('absolute = "12 hours"', 'absolute = "10 minutes"'),
        ('server = "397 days"', 'server = "399 days"'),
        ('issuing = "10 years"', 'issuing = "20 years"'),
        ('issuing = "10 years"', 'issuing = "2 years"'),
        ('crl_publication_interval = "1 day"', 'crl_publication_interval = "4 days"'),
        ('crl_alarm = "2 days"', 'crl_alarm = "7 days"'),
        ('stale_crl_grace = "0 hours"', 'stale_crl_grace = "3 days"'),
        ("full_crl_in_act = 2000", "full_crl_in_act = -1"),
        ('validity = "24 hours"', 'validity = "15 days"'),
        ('validity = "24 hours"', 'validity = "1 minute"'),
        ("release = 2", "release = 0"),
        ("bulk_revocation = 2", "bulk_revocation = 3"),
        ("papers_due_day = 20 ", "papers_due_day = 29 "),
        ("registration_first_day = 1 ", "registration_first_day = 23 "),
        ("women_below = 40", "women_below = 16"),
        ("annual_wages_officer_for_all = []", "annual_wages_officer_for_all = [27]"),
        ("amount = 3000.00", "amount = 20000.00"),
        ("amount = 3000.00", "amount = -1"),
        ("unit = 0.20", "unit = 20"),
        ("lowest = 0.005", "lowest = 0.5"),
        ("[argon2]", "[argon2]\npepper = 1"),
        ("[argon2]", "[scrypt]"),
    ],
)
def test_a_parameter_out_of_bounds_refuses_to_start(folder: Path, old: str, new: str) -> None:
    change(folder, old, new)
    with pytest.raises(BrokenDocument) as failure:
        load_parameters(folder)
    assert failure.value.document == "parameters.toml"


def test_the_set_in_force_is_found_by_day(folder: Path) -> None:
    document = folder / "parameters.toml"
    document.write_text(document.read_text(encoding="utf-8") + NEXT_SET, encoding="utf-8")
    parameters = load_parameters(folder)
    before = parameters.contribution_on(date(2027, 6, 30))
    after = parameters.contribution_on(date(2027, 7, 1))
    assert before.pension.unit == Decimal("0.20")
    assert after.pension.unit == Decimal("0.16")
    assert after.placeholders == ()


def test_a_day_before_the_first_set_has_no_parameters(parameters: Parameters) -> None:
    with pytest.raises(Unavailable) as failure:
        parameters.contribution_on(date(2009, 12, 31))
    assert failure.value.params == {"day": "2009-12-31"}


def test_sets_must_be_in_order_of_their_day(folder: Path) -> None:
    document = folder / "parameters.toml"
    text = document.read_text(encoding="utf-8")
    document.write_text(text + NEXT_SET.replace("2027-07-01", "2010-01-01"), encoding="utf-8")
    with pytest.raises(BrokenDocument, match="effective_from"):
        load_parameters(folder)


@pytest.mark.parametrize(
    ("wage", "base"),
    [("0", "3000"), ("2999.99", "3000"), ("3000", "3000"), ("8000", "8000"), ("99999", "20000")],
)
def test_a_wage_is_clamped_to_floor_and_cap(parameters: Parameters, wage: str, base: str) -> None:
    """CALC-08, BIZ-WAGE-05."""
    assert parameters.contribution_on(date(2026, 1, 1)).clamp(Decimal(wage)) == Decimal(base)


def test_waits_double_and_then_lock(parameters: Parameters) -> None:
    account = parameters.throttling.account
    waits = [account.backoff_after(failures).total_seconds() for failures in range(12)]
    assert waits == [0, 0, 0, 2, 4, 8, 16, 32, 60, 60, 1800, 1800]
    assert account.backoff_after(10**9) == account.lock_duration


def test_parameters_cannot_be_changed_at_run_time(parameters: Parameters) -> None:
    with pytest.raises(ValueError, match="frozen"):
        parameters.passwords.minimum_length = 8
