"""The first password was on paper: whoever has it may set a new one, no more (LOGIN-03)."""

import re

import pytest

from tests.attacks.target import Target, code_of
from tests.support.guest import Guest

pytestmark = pytest.mark.slow
ALLOWED = {("/api/v1/session", "get"), ("/api/v1/session", "post"),
           ("/api/v1/session", "delete"), ("/api/v1/password", "put")}  # fmt: skip
# These prove a slip and know no session, or take a certificate alone.
WITHOUT_SESSION = "/.well-known/est/"
PAGES = ["/", "/tasks", "/tasks/new", "/officer/units", "/security/certificates", "/approvals"]


@pytest.fixture(scope="module")
def beginner(target: Target) -> Guest:
    """A unit that is logged in with the slip's password."""
    guest = target.newcomer()
    assert guest.log_in().document["must_change_password"] is True
    return guest


def test_no_call_is_answered_before_the_reset(
    target: Target, resident: Guest, beginner: Guest
) -> None:
    """The finder of a slip wants to act before its owner comes."""
    paths = resident.ask("/api/openapi.json").document["paths"]
    tried = 0
    for path, calls in paths.items():
        for method in calls:
            if (path, method) in ALLOWED or path.startswith(WITHOUT_SESSION):
                continue
            tried += 1
            filled = re.sub(r"\{[^}]*\}", "1", path)
            for sent in (filled, f"/api//v1/..{filled.removeprefix('/api')}"):
                answer = beginner.ask(sent, method.upper(), None if method == "get" else {})
                assert 400 <= answer.status < 500, (method, sent, answer.body)
            plain = beginner.ask(filled, method.upper(), None if method == "get" else {})
            assert code_of(plain) == "password-change-required", (method, filled)
    assert tried > 20


def test_every_page_leads_to_the_reset(target: Target, beginner: Guest) -> None:
    """The same by the pages."""
    for path in PAGES:
        for method in ("GET", "POST"):
            answer = beginner.ask(path, method, headers={"Accept": "text/html"})
            assert answer.status == 403 or answer.headers.get("location") == "/password", path


def test_applications_do_not_know_him_yet(target: Target, beginner: Guest) -> None:
    """Nor behind the edge, where nobody asks the portal."""
    assert "__Host-certgate-edge" not in beginner.jar
    assert "__Host-certgate-assertion" not in beginner.jar
    beginner.ask("/session/token?return=/")
    assert "__Host-certgate-edge" not in beginner.jar
    if target.application is not None:
        assert beginner.ask(target.application).status == 401


def test_the_old_password_does_not_do_as_the_new_one(target: Target, beginner: Guest) -> None:
    """The reset is gone through without changing anything."""
    same = {"old_password": beginner.password, "new_password": beginner.password}
    assert beginner.ask("/api/v1/password", "PUT", same).status == 422
    assert beginner.ask("/api/v1/session").document["must_change_password"] is True
