"""The pages that officers see: counter, review, security, administration, audit."""

from tests.browser import errands
from tests.browser.errands import Slip
from tests.browser.person import Person
from tools.screenshots.unit_pages import PASSWORD, RETURN_REASON

NEW_UNIT = {
    "unit_name": "武汉两江食品有限公司",
    "credit_code": "91420102MA4L7Q3E2H",
    "contact_name": "何静",
    "phone": "027-85671234",
}


def visit_reviews(officer: Person, slip: Slip, number: str) -> None:
    """The queue, a filing, and the filing sent back; another one is approved."""
    errands.arrive(officer, slip, PASSWORD)
    errands.open_review(officer, number)
    errands.send_back(officer, RETURN_REASON)
    officer.looks_at("review-decided")
    officer.press("navigation.reviews")
    officer.page.get_by_role("row").get_by_role("link").first.click()
    errands.approve(officer)


def visit_counter(officer: Person, slip: Slip) -> None:
    """Find units, enrol one, print its slip, look at one, reissue."""
    errands.arrive(officer, slip, PASSWORD)
    officer.is_at(officer.t("enrollment.units.title"))
    officer.looks_at("units")
    officer.press("enrollment.units.new")
    officer.is_at(officer.t("enrollment.unit_new.title"))
    for name, value in NEW_UNIT.items():
        officer.page.fill(f"#{name}", value)
    officer.page.select_option("#district", "jianghan")
    officer.looks_at("unit-new")
    officer.press("enrollment.unit_new.submit")
    officer.sees(officer.t("form.error_title"))
    officer.looks_at("unit-new-errors")
    for paper in officer.page.locator("[name=papers]").all():
        paper.check()
    officer.press("enrollment.unit_new.submit")
    officer.sees(NEW_UNIT["unit_name"])
    officer.looks_at("slip")
    officer.open(f"{officer.server.portal}/officer/units/wh000001")
    officer.looks_at("unit")
    officer.press("enrollment.act.reissue")
    officer.looks_at("unit-reissue")


def visit_revocation(officer: Person, slip: Slip, unit_name: str) -> None:
    """Find a unit by a part of its name, revoke, keep the receipt."""
    errands.arrive(officer, slip, PASSWORD)
    errands.revoke(officer, unit_name[2:6], unit_name, "keyCompromise")


def visit_administration(officer: Person, slip: Slip) -> None:
    """Officers and their roles."""
    errands.arrive(officer, slip, PASSWORD)
    officer.is_at(officer.t("officers.title"))
    officer.looks_at("officers")
    officer.press("officers.add")
    officer.is_at(officer.t("officers.add"))
    officer.looks_at("officer-new")
    officer.open(f"{officer.server.portal}/officer/officers/review")
    officer.looks_at("officer")


def visit_audit(officer: Person, slip: Slip) -> None:
    """The log and its verification."""
    errands.arrive(officer, slip, PASSWORD)
    officer.is_at(officer.t("audit.title"))
    officer.looks_at("audit")
    officer.press("audit.verify")
    officer.looks_at("audit-verified")
