"""Real Chromium with real client certificates, driven through Playwright.

Each profile has a home of its own, so several people can be at the portal at
the same time. Which certificate a site gets is chosen by the managed policy
AutoSelectCertificateForUrls, as an agency would set it on its computers;
without it Chromium asks in a window that no page can press.
"""

import itertools
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Playwright, sync_playwright

from tests.support.certificate_store import CertificateStore

EXECUTABLE = Path("/usr/bin/chromium")
POLICIES = Path("/etc/chromium/policies/managed")
OWN_SITES = ("https://localhost:*", "https://127.0.0.1:*")
ARGUMENTS = [
    "--no-sandbox",  # the tests may run as root, where the sandbox refuses to start
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Browsers:
    """Opens browser profiles; everything it opened ends with it."""

    def __init__(self, playwright: Playwright, folder: Path) -> None:
        """Keep the profiles in `folder`."""
        self._playwright = playwright
        self._folder = folder
        self._numbers = itertools.count(1)
        self._open = ExitStack()

    def certificate_store(self) -> CertificateStore:
        """Make the home folder of one more person, with an empty certificate store."""
        return CertificateStore.create(self._folder / f"person-{next(self._numbers)}")

    def open(self, store: CertificateStore, language: str = "zh-CN") -> BrowserContext:
        """Start Chromium for the person whose store this is.

        Chromium reads the store when it starts: import first, then open.
        """
        context = self._playwright.chromium.launch_persistent_context(
            store.home / f"profile-{next(self._numbers)}",
            executable_path=EXECUTABLE,
            headless=True,
            args=ARGUMENTS,
            env=_environment(store.home, language),
            locale=language,
            timezone_id="Asia/Shanghai",
            viewport={"width": 1280, "height": 900},
        )
        self._open.callback(context.close)
        return context

    def close(self) -> None:
        """Close every profile that is still open."""
        self._open.close()


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright with Debian's Chromium; skip where there is none.

    It keeps an event loop running in this thread, where no other test of the
    same process could run one: so it ends with the module.
    """
    if not EXECUTABLE.exists():
        pytest.skip(f"{EXECUTABLE} is not there (apt-get install chromium)")
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def certificate_policy() -> Iterator[None]:
    """Let Chromium choose a client certificate for our own sites without asking."""
    with automatic_certificate_choice(POLICIES):
        yield


@pytest.fixture
def browsers(
    playwright: Playwright, certificate_policy: None, tmp_path: Path
) -> Iterator[Browsers]:
    """Browser profiles for one test."""
    opened = Browsers(playwright, tmp_path)
    yield opened
    opened.close()


@contextmanager
def automatic_certificate_choice(folder: Path) -> Iterator[None]:
    """Install the policy while the block runs, and leave the machine as it was."""
    file = folder / f"certgate-tests-{os.getpid()}.json"
    choices = [json.dumps({"pattern": site, "filter": {}}) for site in OWN_SITES]
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"AutoSelectCertificateForUrls": choices}))
    except PermissionError:
        pytest.skip(f"may not write {folder}, so Chromium would ask for the certificate")
    try:
        yield
    finally:
        file.unlink()
        # A folder that somebody else uses by now is not empty, and stays.
        with suppress(OSError):
            for one in made:
                one.rmdir()


def _environment(home: Path, language: str) -> dict[str, str | float | bool]:
    # XDG_* could lead Chromium to another person's certificates.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    # Chromium's own words, such as a date field's, follow LANGUAGE (Debian: chromium-l10n).
    words = {"LANG": "C.UTF-8", "LANGUAGE": language.replace("-", "_")}
    return {**inherited, **words, "HOME": str(home)}
