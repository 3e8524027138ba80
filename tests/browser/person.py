"""Somebody at a computer of their own: a certificate store, a browser, a language."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Error, Locator, Page, expect

from foundation.i18n import Catalogues, Translator
from tests.browser.page_rules import PageRules
from tests.browser.watch import Watch
from tests.support.certificate_store import CertificateStore
from tests.support.chromium import Browsers
from tests.support.server import Server
from tests.support.texts import PACKAGES

# What the browser answers for a server whose root it does not know.
UNKNOWN_ROOT = "ERR_CERT_AUTHORITY_INVALID"
LANGUAGE_TAGS = {"zh": "zh-CN", "en": "en-US"}

Camera = Callable[[Page, str], None]


@dataclass
class Person:
    """One person; every page they look at is held to the rules of `page_rules`."""

    browsers: Browsers
    server: Server
    language: str = "zh"
    camera: Camera | None = None
    store: CertificateStore = field(init=False)
    t: Translator = field(init=False)
    watch: Watch = field(default_factory=Watch)
    _context: BrowserContext | None = None
    _page: Page | None = None

    def __post_init__(self) -> None:
        self.store = self.browsers.certificate_store()
        catalogues = Catalogues.load(PACKAGES, strict=True)
        self.t = catalogues.translator(self.language)
        self._rules = PageRules(LANGUAGE_TAGS[self.language][:2], catalogues)

    @property
    def page(self) -> Page:
        """The one tab; the browser starts when it is first asked for."""
        if self._page is None:
            self._context = self.browsers.open(self.store, LANGUAGE_TAGS[self.language])
            self.watch.follow(self._context)
            self._page = self._context.pages[0]
        return self._page

    def reopen_browser(self) -> None:
        """Close all windows and start again, as DL-15 asks after an installation."""
        if self._context is not None:
            self._context.close()
        self._context = self._page = None

    def open(self, address: str) -> None:
        """Type an address; past the warning of a browser that does not know the root (DL-05)."""
        try:
            self.page.goto(address)
        except Error as error:
            if UNKNOWN_ROOT not in error.message:
                raise
            self.page.click("#details-button")
            self.page.click("#proceed-link")
            self.page.wait_for_url(re.compile("^" + re.escape(address)))

    def looks_at(self, name: str) -> None:
        """Hold the page to the rules; a photographer's camera calls it by `name`."""
        self._rules.hold(self.page)
        if self.camera is not None:
            self.camera(self.page, name)

    def sees(self, *texts: str) -> None:
        """Expect each text somewhere on the page, visible."""
        for text in texts:
            expect(self.page.get_by_text(text).first).to_be_visible()

    def is_at(self, heading: str) -> None:
        """Expect the page with this heading."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def press(self, key: str) -> None:
        """Press the button, or the link, that is called by the catalogue's `key`."""
        self.press_called(self.t(key))

    def press_called(self, name: str) -> None:
        """Press the button or link of this name."""
        button = self.page.get_by_role("button", name=name, exact=True)
        link = self.page.get_by_role("link", name=name, exact=True)
        button.or_(link).first.click()

    def fill(self, key: str, value: str) -> None:
        """Fill the field labelled with the catalogue's `key`."""
        self.field(key).fill(value)

    def field(self, key: str) -> Locator:
        """Return the field labelled with the catalogue's `key`, mandatory or not."""
        label = re.compile("^" + re.escape(self.t(key)) + r"\s*(\*.*)?$")
        return self.page.get_by_label(label)

    def choose(self, group_key: str, key: str) -> None:
        """Tick one of a group of choices."""
        group = self.page.get_by_role("group", name=self.t(group_key))
        group.get_by_label(self.t(key), exact=True).check()

    def download(self, key: str) -> tuple[str, bytes]:
        """Press what downloads a file; return the file's name and content."""
        with self.page.expect_download() as started:
            self.press(key)
        download = started.value
        return download.suggested_filename, Path(download.path()).read_bytes()

    def tab_to(self, target: Locator, most: int = 20) -> None:
        """Reach `target` with the Tab key alone."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if target.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"not reached with {most} presses of Tab: {target}")
