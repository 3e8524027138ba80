"""``make screenshots``: photograph every page into docs/images and write docs/pages.md.

Needs what the browser tests need: Chromium, NSS's tools, and leave to write
Chromium's policy folder; for the edges HAProxy and PostgreSQL.
"""

import json
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.person import Person
from tests.support.chromium import POLICIES, Browsers, automatic_certificate_choice
from tests.support.command import ROOT
from tests.support.haproxy import edge_folder
from tests.support.installation import running_installation
from tests.support.postgresql import Cluster, running_cluster
from tests.support.server import running_server
from tools.screenshots import application_pages, edge_pages, officer_pages, unit_pages
from tools.screenshots.camera import Camera
from tools.screenshots.gallery import DARK, PHONE_IN_ENGLISH, draw_overview, write_gallery

IMAGES = ROOT / "docs" / "images"
UNIT = "武汉江城精密制造有限公司"


def main(languages: list[str]) -> None:
    """Make the photographs of each language, then the page that shows them."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for language in languages or ["zh", "en"]:
        for old in IMAGES.glob(f"{language}-*.png"):
            old.unlink()
        camera = (
            Camera(IMAGES, language, dark_pages=DARK)
            if language == "zh"
            else Camera(IMAGES, language, phone_pages=PHONE_IN_ENGLISH)
        )
        with tempfile.TemporaryDirectory() as folder:
            tour(Path(folder), language, camera)
        with edge_folder() as folder, running_cluster() as cluster:
            tour_of_the_edges(folder, cluster, language, camera)
        print(language, len(list(IMAGES.glob(f"{language}-*.png"))))
    write_gallery(ROOT / "docs" / "pages.md", IMAGES)
    draw_overview(IMAGES)


def tour(folder: Path, language: str, camera: Camera) -> None:
    """Meet everybody of the demonstration, each at the pages they work with."""
    with (
        running_server(folder / "data", "--demo", CERTGATE_REVIEW_DELAY_SECONDS="2") as server,
        automatic_certificate_choice(POLICIES),
        sync_playwright() as playwright,
    ):
        browsers = Browsers(playwright, folder)
        slips = read_slips(server.data)

        def person() -> Person:
            return Person(browsers, server, language, camera)

        unit = person()
        unit_pages.visit_public_pages(unit, slips["wh000001"])
        unit_pages.visit_login(unit, slips["wh000001"])
        number = unit_pages.visit_filing(unit)
        officer_pages.visit_reviews(person(), slips["review"], number)
        unit_pages.visit_results(unit, number)
        unit_pages.visit_automatic_review(person(), slips["wh000002"])
        officer_pages.visit_counter(person(), slips["enrollment"])
        security = person()
        officer_pages.visit_revocation(security, slips["security"], UNIT)
        unit.press("site.home")
        unit.looks_at("certificate-revoked")
        administrator = person()
        officer_pages.visit_administration(administrator, slips["administrator"])
        application_pages.visit_applications(administrator)
        officer_pages.visit_audit(person(), slips["auditor"])
        # Last: it ends the units' certificates.
        officer_pages.visit_two_officers(security, person(), slips)
        browsers.close()


def tour_of_the_edges(folder: Path, cluster: Cluster, language: str, camera: Camera) -> None:
    """See what is different where edges stand in front."""
    with (
        running_installation(folder, cluster) as installation,
        automatic_certificate_choice(POLICIES),
        sync_playwright() as playwright,
    ):
        browsers = Browsers(playwright, folder)
        taking = edge_pages.named_for_the_edge(camera)

        def person() -> Person:
            return Person(browsers, installation.nodes[0], language, taking)

        edge_pages.visit_edges(installation, person)
        browsers.close()


def read_slips(data: Path) -> dict[str, dict[str, str]]:
    """Return the slips of the demonstration by username."""
    slips = json.loads((data / "demo-slips.json").read_text(encoding="utf-8"))
    return {slip["username"]: slip for slip in slips}


if __name__ == "__main__":
    main(sys.argv[1:])
