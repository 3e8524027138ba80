"""Rules every page keeps: WCAG 2.2 basics, no catalogue keys shown, no sideways scrolling."""

import re
from typing import Any

from playwright.sync_api import Page, ViewportSize

from foundation.i18n import Catalogues

PHONE: ViewportSize = {"width": 390, "height": 844}

_FACTS = """() => {
  const named = control => control.labels?.length || control.ariaLabel || control.title;
  const controls = document.querySelectorAll(
    "input:not([type=hidden], [hidden]), select, textarea");
  const ids = [...document.querySelectorAll("[id]")].map(element => element.id);
  return {
    lang: document.documentElement.lang,
    title: document.title,
    headings: document.querySelectorAll("h1").length,
    mains: document.querySelectorAll("main").length,
    unnamed: [...controls].filter(control => !named(control)).map(control => control.outerHTML),
    repeated: ids.filter((id, index) => ids.indexOf(id) !== index),
    text: document.body.innerText,
  };
}"""
_OVERHANG = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("main *, header *, nav *, footer *")]
    .filter(element => element.getBoundingClientRect().right > width + 1)
    .map(element => element.outerHTML.slice(0, 120));
}"""
_KEY = re.compile(r"\b[a-z_]+(?:\.[a-z0-9_-]+)+\b")


class PageRules:
    """The rules, for readers of one language."""

    def __init__(self, language: str, catalogues: Catalogues) -> None:
        self._language = language
        self._keys = catalogues.texts["zh"].keys()

    def hold(self, page: Page) -> None:
        """Fail when the page breaks a rule; the size of the window is the same afterwards."""
        # Between the warning of an unknown root and the page there is a moment without any.
        page.wait_for_load_state()
        facts: dict[str, Any] = page.evaluate(_FACTS)
        where = page.url
        assert facts["lang"][:2] == self._language, where  # WCAG 3.1.1
        assert facts["title"].partition("·")[0].strip(), where  # WCAG 2.4.2
        assert facts["headings"] == 1, where
        assert facts["mains"] == 1, where
        assert facts["unnamed"] == [], where  # WCAG 3.3.2
        assert facts["repeated"] == [], where
        assert [word for word in _KEY.findall(facts["text"]) if word in self._keys] == [], where
        self._hold_on_a_phone(page)

    def _hold_on_a_phone(self, page: Page) -> None:
        """WCAG 1.4.10: nobody scrolls in two directions."""
        usual = page.viewport_size
        assert usual is not None
        page.set_viewport_size(PHONE)
        overhang = page.evaluate(_OVERHANG)
        page.set_viewport_size(usual)
        assert overhang == [], page.url
