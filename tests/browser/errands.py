"""What people come to the portal for, told in the words of its pages."""

from collections.abc import Mapping

from playwright.sync_api import Locator, expect

from tests.browser.employees import Employee
from tests.browser.person import Person

Slip = Mapping[str, str]


def find_pickup(person: Person) -> None:
    """From the landing page to the pickup form, past the browser's warning (DL-04 .. DL-06)."""
    person.open(person.server.public)
    person.is_at(person.t("site.name"))
    person.looks_at("landing")
    person.press("enrollment.landing.download")


def redeem(person: Person, slip: Slip) -> None:
    """Copy serial number and download password from the slip by hand (DL-07 .. DL-09)."""
    person.is_at(person.t("enrollment.pickup.title"))
    person.fill("field.serial_number", slip["serial_number"])
    person.fill("field.download_password", slip["download_password"])
    person.looks_at("pickup")
    person.press("enrollment.pickup.submit")
    person.is_at(person.t("enrollment.certificates.title"))
    person.looks_at("certificates")


def install(person: Person, slip: Slip) -> tuple[str, str]:
    """Download both by clicking, import both, reopen the browser (DL-10 .. DL-15).

    Returns the names of the two files.
    """
    root_name, root = person.download("enrollment.certificates.root.button")
    bundle_name, bundle = person.download("enrollment.certificates.personal.button")
    person.store.trust_root(root)
    person.store.import_pkcs12(bundle, slip["download_password"])
    person.reopen_browser()
    return root_name, bundle_name


def log_in(person: Person, username: str, password: str) -> None:
    """Type username and password and press Enter (LOGIN-02)."""
    person.open(f"{person.server.portal}/login")
    person.looks_at("login")
    person.page.fill("#username", username)
    person.page.fill("#password", password)
    person.page.keyboard.press("Enter")


def reset(person: Person, old: str, new: str) -> None:
    """Replace the initial password (LOGIN-03 .. LOGIN-05)."""
    person.is_at(person.t("password.title_forced"))
    person.looks_at("password-reset")
    person.fill("field.old_password", old)
    person.fill("field.new_password", new)
    person.fill("field.confirmation", new)
    person.press("password.submit")


def arrive(person: Person, slip: Slip, password: str) -> None:
    """Everything from the slip to the own home page."""
    find_pickup(person)
    redeem(person, slip)
    install(person, slip)
    log_in(person, slip["username"], slip["initial_password"])
    reset(person, slip["initial_password"], password)


def go_home(person: Person) -> None:
    """Press the button 首页, top right (LOGIN-08, TASK-13)."""
    person.press("site.home")
    person.is_at(person.t("tasks.home.title"))


def type_enrolment(person: Person, employee: Employee) -> None:
    """Open the form and fill it; the status check answers on the way (BIZ-ADD-03 .. BIZ-ADD-05)."""
    module = person.t("module.enrolment")
    person.press_called(f"{person.t('tasks.menu.single')} {module}")
    person.is_at(module)
    person.fill("field.id_number", employee.id_number)
    person.page.keyboard.press("Tab")
    person.sees(person.t("enrolment.check.first"))
    person.fill("field.name", employee.name)
    person.choose("field.sex", f"sex.{employee.sex}")
    person.fill("field.birth_date", employee.birth_date.isoformat())
    person.fill("field.employment_date", employee.employed_on.isoformat())
    person.fill("field.declared_wage", employee.wage)
    person.choose("field.contract_signed", "tasks.yes")
    person.looks_at("enrolment-form")


def save(person: Person) -> str:
    """Save, see the confirmation and the check window; return the business sequence number."""
    person.press("tasks.save")
    person.sees(person.t("tasks.saved.title"))
    person.looks_at("check-window")
    number: str = person.page.locator(".notification strong").inner_text()
    return number


def submit(person: Person) -> None:
    """Submit, after being asked whether one is sure (TASK-11, OTH-15)."""
    person.press("tasks.submit")
    person.is_at(person.t("tasks.submit.title"))
    person.looks_at("submit")
    person.press("tasks.submit.yes")
    person.is_at(person.t("tasks.result.title"))
    person.looks_at("result")


def enrol(person: Person, employee: Employee) -> str:
    """File an enrolment; return its business sequence number."""
    go_home(person)
    type_enrolment(person, employee)
    number = save(person)
    submit(person)
    return number


def row_of(person: Person, list_id: str, number: str) -> Locator:
    """Return the row of a task in one of the two lists ("todo", "done")."""
    row = person.page.locator(f"#{list_id} tbody tr").filter(has_text=number)
    expect(row).to_be_visible()
    return row


def open_review(officer: Person, number: str) -> None:
    """Open 社保业务审批 and the filing in it (REV-01)."""
    officer.press("navigation.reviews")
    officer.is_at(officer.t("review.queue.title"))
    officer.looks_at("reviews")
    officer.press_called(f"{officer.t('review.open')} {number}")
    officer.looks_at("review")


def approve(officer: Person) -> None:
    """Approve the filing that is open (REV-06)."""
    officer.press("review.approve")
    officer.sees(officer.t("review.decided.ended"))


def send_back(officer: Person, reason: str) -> None:
    """Return the filing that is open, with a reason (TASK-16, TASK-17)."""
    officer.fill("review.reason.label", reason)
    officer.press("review.reject")
    officer.sees(officer.t("review.decided.returned"))


def revoke(officer: Person, part_of_name: str, full_name: str, reason: str) -> None:
    """Find a unit by part of its name, revoke, and confirm by typing the name."""
    officer.press("navigation.certificates")
    officer.is_at(officer.t("security.title"))
    officer.fill("security.search", part_of_name)
    officer.press("table.search")
    officer.looks_at("certificate-search")
    officer.page.get_by_role("row").filter(has_text=full_name).get_by_role("link").click()
    officer.is_at(full_name)
    officer.field("field.reason").select_option(reason)
    officer.page.locator("#confirm_name").fill(full_name)
    officer.looks_at("certificate")
    officer.press("security.revoke")
    officer.is_at(officer.t("receipt.title.revoked"))
    officer.looks_at("receipt")
