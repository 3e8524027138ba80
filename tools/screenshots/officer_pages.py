"""The pages that officers see: counter, review, security, administration, audit."""

from collections.abc import Mapping

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

HOLD_NOTE = "经办人携证件到柜台，已当面核实"
BULK_NOTE = "发证点电脑失窃，全部更换"


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


def visit_two_officers(first: Person, second: Person, slips: Mapping[str, Slip]) -> None:
    """A hold that two officers lift, and a bulk revocation that two officers make.

    The first is logged in already.
    """
    portal = first.server.portal
    errands.arrive(second, slips["security2"], PASSWORD)
    first.open(f"{portal}/security/certificates?state=good&profile=unit")
    first.looks_at("certificates-filtered")
    held = f"{portal}/security/certificates/{slips['wh000002']['serial_number']}"
    first.open(held)
    first.press("security.hold")
    first.open(held)
    first.page.fill("#note", HOLD_NOTE)
    first.press("security.release_propose")
    first.looks_at("approval-waits")
    second.open(f"{portal}/security/approvals")
    second.looks_at("approvals")
    second.page.get_by_role("row").get_by_role("link").first.click()
    second.looks_at("approval")
    second.press("approval.approve.release")
    first.open(f"{portal}/security/bulk?profile=unit")
    first.looks_at("bulk")
    first.page.locator("form[action='/security/bulk/criteria'] button").click()
    first.looks_at("bulk-dry-run")
    count = first.page.locator(".counts span").first.inner_text()
    first.page.select_option("#reason", "keyCompromise")
    first.page.fill("#confirm_count", count)
    first.page.fill("#note", BULK_NOTE)
    first.press("bulk.propose")
    second.open(f"{portal}/security/approvals")
    second.page.get_by_role("row").get_by_role("link").first.click()
    second.looks_at("approval-bulk")
    second.press("approval.approve.bulk_revocation")
    second.looks_at("approval-executed")


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
