"""The pages that a unit sees, from the landing page to the paper form."""

from datetime import date

from playwright.sync_api import expect

from tests.browser import errands
from tests.browser.employees import employee, id_number
from tests.browser.errands import Slip
from tests.browser.person import Person

PASSWORD = "长江东流 一去不回头"  # noqa: S105  # of the demonstration, for an hour
RETURN_REASON = "劳动合同没有盖章，请补盖后重新提交。"
_IN_STUDENT_MEDICAL = id_number(date(2004, 9, 1), "009")
_FIRST = employee("李晓燕", "female", date(1996, 3, 15))
_SECOND = employee("张建国", "male", date(1990, 7, 1), "9,600.00")
_THIRD = employee("陈思远", "male", date(1998, 11, 20), "12,300.00")
_FOURTH = employee("胡敏", "female", date(2001, 1, 8), "5,800.00")


def visit_public_pages(unit: Person, slip: Slip) -> None:
    """Landing page, help, pickup with a typing error first, and the closed door of the portal."""
    unit.open(f"{unit.server.public}/help")
    unit.looks_at("help")
    unit.open(f"{unit.server.public}/help/windows")
    unit.looks_at("help-windows")
    errands.find_pickup(unit)
    unit.fill("field.serial_number", slip["serial_number"])
    unit.fill("field.download_password", "2222-2222-2222-2222")
    unit.press("enrollment.pickup.submit")
    unit.sees(unit.t("enrollment.pickup.refused.title"))
    unit.looks_at("pickup-refused")
    unit.open(f"{unit.server.public}/pickup")
    errands.redeem(unit, slip)
    unit.open(unit.server.portal)
    unit.looks_at("certificate-required")
    unit.page.go_back()
    errands.install(unit, slip)


def visit_login(unit: Person, slip: Slip) -> None:
    """Login, once with a typing error, and the forced reset, once with a poor password."""
    errands.log_in(unit, slip["username"], "not this one")
    unit.sees(unit.t("login.failed_title"))
    unit.looks_at("login-failed")
    errands.log_in(unit, slip["username"], slip["initial_password"])
    errands.reset(unit, slip["initial_password"], "12345678")
    unit.sees(unit.t("form.error_title"))
    unit.looks_at("password-refused")
    errands.reset(unit, slip["initial_password"], PASSWORD)
    unit.is_at(unit.t("tasks.home.title"))
    unit.looks_at("home-empty")


def visit_filing(unit: Person) -> str:
    """File three enrolments, one of them impossible; return the number of one that waits."""
    unit.open(f"{unit.server.portal}/tasks/new/enrolment")
    unit.fill("field.id_number", _IN_STUDENT_MEDICAL)
    unit.page.keyboard.press("Tab")
    unit.sees(unit.t("error.person-in-student-medical"))
    unit.looks_at("enrolment-blocked")
    errands.go_home(unit)
    errands.type_enrolment(unit, _FIRST)
    unit.fill("field.declared_wage", "seven thousand")
    unit.field("field.birth_date").fill("1996-03-16")
    unit.press("tasks.save")
    unit.sees(unit.t("form.error_title"))
    unit.looks_at("enrolment-errors")
    unit.fill("field.declared_wage", _FIRST.wage)
    unit.field("field.birth_date").fill(_FIRST.birth_date.isoformat())
    number = errands.save(unit)
    errands.submit(unit)
    errands.enrol(unit, _SECOND)
    errands.go_home(unit)
    errands.type_enrolment(unit, _THIRD)
    errands.save(unit)
    unit.press("tasks.edit")
    unit.looks_at("enrolment-edit")
    unit.page.go_back()
    unit.press("tasks.withdraw")
    unit.looks_at("withdraw")
    return number


def visit_results(unit: Person, number: str) -> None:
    """The home with filings in every state, the task that came back, the paper form."""
    errands.go_home(unit)
    unit.looks_at("home")
    errands.row_of(unit, "todo", number).get_by_role("link").click()
    unit.sees(RETURN_REASON)
    unit.looks_at("task-returned")
    unit.press("tasks.print_form.enrolment")
    unit.is_at(unit.t("enrolment.print.title"))
    unit.looks_at("print-form")


def visit_automatic_review(unit: Person, slip: Slip) -> None:
    """A VIP unit's filing is reviewed while its page is open."""
    errands.arrive(unit, slip, PASSWORD)
    errands.enrol(unit, _FOURTH)
    ended = unit.page.get_by_role("heading", name=unit.t("tasks.state.ended"), exact=True)
    expect(ended).to_be_visible(timeout=60_000)
    unit.looks_at("result-ended")
