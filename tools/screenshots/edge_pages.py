"""What people see where edges stand in front: the receipt of a revocation, and the edge's refusals.

On the whole installation of the tests: two edges with their agents, two nodes,
a signer, PostgreSQL.
"""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser import errands
from tests.browser.person import Camera, Person
from tests.support.installation import Installation
from tools.screenshots.unit_pages import PASSWORD

# What is photographed here; the other pages look as they do without an edge.
PAGES = frozenset(
    {"receipt", "bad-request", "certificate-required", "certificate-revoked", "not-allowed"}
    | {"unavailable"}
)
_UNIT = "武汉江城精密制造有限公司"


def named_for_the_edge(camera: Camera) -> Camera:
    """Return a camera that takes the pages of this tour, by names of their own."""

    def take(page: Page, name: str) -> None:
        if name in PAGES:
            camera(page, f"edge-{name}")

    return take


def visit_edges(installation: Installation, person: Callable[[], Person]) -> None:
    """A unit is refused for each reason; the officer's receipt names both edges."""
    unit, officer = person(), person()
    officer_slip = installation.json(
        "officer", "add", "security", "--role", "security_officer", "--name", "赵强"
    )
    unit_slip = installation.json(
        *("unit", "add", "--name", _UNIT, "--district", "wuchang"),
        *("--credit-code", "91420100MA4K00001U"),
    )
    errands.find_pickup(unit)
    errands.redeem(unit, unit_slip)
    _see(unit, f"{unit.server.portal}/", "certificate-required")
    unit.page.go_back()
    errands.install(unit, unit_slip)
    errands.log_in(unit, unit_slip["username"], unit_slip["initial_password"])
    errands.reset(unit, unit_slip["initial_password"], PASSWORD)
    unit.is_at(unit.t("tasks.home.title"))
    _see(unit, f"{unit.server.portal}/apps/audits/", "not-allowed")
    _see(unit, f"{unit.server.portal}/tasks%2F1", "bad-request")
    errands.arrive(officer, officer_slip, PASSWORD)
    errands.revoke(officer, _UNIT[2:6], _UNIT, "keyCompromise")
    officer.sees("edge-1", "edge-2")
    _see(unit, f"{unit.server.portal}/", "certificate-revoked")
    for node in installation.nodes:
        node.stop()
    _see(officer, f"{officer.server.portal}/", "unavailable")


def _see(person: Person, address: str, name: str) -> None:
    person.open(address)
    person.looks_at(name)
