"""Who decides a filing: TASK-22, TASK-23, AMB-09."""

from pathlib import Path

import pytest

from policies.review import ReviewPolicy

OFFICER_MODULES = ("enrolment", "suspension", "annual_wages")
OTHER_MODULES = (
    "wage_change",
    "arrears_payment",
    "payment_slip",
    "arrears_rollback",
    "arrears_writeoff",
    "person_info",
    "unit_info",
    "retiree_wages",
    "appointment",
    "problem_report",
)


@pytest.fixture(scope="module")
def review() -> ReviewPolicy:
    return ReviewPolicy.load(officer_years={2027})


@pytest.mark.parametrize("module", OFFICER_MODULES + OTHER_MODULES)
def test_every_filing_of_a_vip_unit_is_automatic(review: ReviewPolicy, module: str) -> None:
    """TASK-22."""
    assert review.route(module, "vip", 2026) == "automatic"


@pytest.mark.parametrize("module", OFFICER_MODULES)
def test_an_ordinary_unit_waits_for_an_officer(review: ReviewPolicy, module: str) -> None:
    """TASK-23."""
    assert review.route(module, "ordinary", 2026) == "officer"


@pytest.mark.parametrize("module", OTHER_MODULES)
def test_all_else_of_an_ordinary_unit_is_automatic(review: ReviewPolicy, module: str) -> None:
    """TASK-23."""
    assert review.route(module, "ordinary", 2026) == "automatic"


def test_a_year_may_send_all_annual_wages_to_an_officer(review: ReviewPolicy) -> None:
    """AMB-09."""
    assert review.route("annual_wages", "vip", 2027) == "officer"
    assert review.route("annual_wages", "ordinary", 2027) == "officer"
    assert review.route("annual_wages", "vip", 2028) == "automatic"
    assert review.route("enrolment", "vip", 2027) == "automatic"
    assert review.route("wage_change", "ordinary", 2027) == "automatic"


@pytest.mark.parametrize("module", ["", "Enrolment", "unheard_of", 'x"'])
def test_an_unknown_module_goes_to_an_officer(review: ReviewPolicy, module: str) -> None:
    assert review.route(module, "vip", 2026) == "officer"


@pytest.mark.parametrize("module", OFFICER_MODULES + OTHER_MODULES)
def test_a_filing_that_no_unit_made_goes_to_an_officer(review: ReviewPolicy, module: str) -> None:
    assert review.route(module, None, 2026) == "officer"


def test_an_error_in_the_document_sends_to_an_officer(folder: Path) -> None:
    document = folder / "review.cedar"
    overflow = "forbid (principal, action, resource) when { 9223372036854775807 + 1 > 0 };"
    document.write_text(document.read_text(encoding="utf-8") + overflow, encoding="utf-8")
    assert ReviewPolicy.load(folder).route("wage_change", "vip", 2026) == "officer"
