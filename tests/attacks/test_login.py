"""Logging somebody in, or out of the way, or finding out who there is."""

import json
import statistics
import time
from collections.abc import Callable
from urllib.parse import quote, urlsplit

import pytest

from tests.attacks.target import Target, code_of
from tests.support.edge_client import Answered
from tests.support.guest import Guest, keep

pytestmark = pytest.mark.slow
SESSION = "/api/v1/session"
FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
]
AWAY = [
    "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil",
    "///evil.example", "/%09/evil.example", "javascript:alert(1)", "https://{host}@evil.example/",
    "https://{host}.evil.example/", "/\t/evil.example", "http://{host}/", "%2f%2fevil.example",
]  # fmt: skip


@pytest.mark.parametrize("headers", FOREIGN, ids=lambda headers: " ".join(headers.values()))
def test_another_site_logs_nobody_in_or_out(
    target: Target, resident: Guest, headers: dict[str, str]
) -> None:
    """A page of the attacker's logs the visitor in as the attacker (login CSRF), or out."""
    stranger = Guest(target.doors, resident.username, "", resident.credential, resident.password)
    named = {"username": stranger.username, "password": stranger.password}
    answer = stranger.ask(SESSION, "POST", named, headers)
    assert (answer.status, code_of(answer)) == (403, "cross-site-request")
    form = f"username={stranger.username}&password={quote(stranger.password)}".encode()
    typed = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    posted = stranger.client.ask("/login", "POST", headers=typed, body=form)
    assert posted.status == 403
    keep(stranger.jar, posted)
    assert "__Host-certgate" not in stranger.jar
    assert resident.ask(SESSION, "DELETE", headers=headers).status == 403
    assert resident.ask(SESSION).status == 200


def test_a_session_that_somebody_brought_along_is_not_used(target: Target) -> None:
    """A cookie is planted before the login, to be used afterwards (fixation)."""
    victim = target.newcomer()
    planted = "A" * 43
    victim.jar["__Host-certgate"] = planted
    assert victim.log_in().status == 201
    first = victim.jar["__Host-certgate"]
    assert first != planted
    assert victim.reset().status == 204
    second = victim.jar["__Host-certgate"]
    assert second != first
    for dead in (planted, first):
        answer = victim.client.ask(SESSION, cookies={"__Host-certgate": dead})
        assert answer.status == 401


@pytest.mark.parametrize("away", AWAY)
def test_no_address_leads_away(target: Target, resident: Guest, away: str) -> None:
    """A link to us ends at the attacker's page, which looks like ours."""
    foreign = away.format(host=target.doors.host)
    for path in ("/session/token", "/login", "/continue", "/"):
        for name in ("return", "next", "url"):
            asked = f"{path}?{name}={quote(foreign, safe='')}"
            answer = resident.client.ask(
                asked, cookies=resident.jar, headers={"Accept": "text/html"}
            )
            location = answer.headers.get("location", "/")
            assert location.startswith("/") or urlsplit(location).netloc in {
                target.doors.host,
                f"{target.doors.host}:{target.doors.portal_port}",
            }, asked
            assert not location.startswith(("//", "/\\")), asked
            assert "evil.example" not in urlsplit(location).netloc
            assert b'href="https://evil' not in answer.body


def comparable(answer: Answered) -> tuple[int, dict[str, str], dict[str, object]]:
    """Return what does not differ from request to request."""
    passing = {"date", "x-request-id", "content-length"}
    headers = {name: value for name, value in answer.headers.items() if name not in passing}
    problem = {
        name: value
        for name, value in answer.document.items()
        if name not in {"instance", "request_id"}
    }
    return answer.status, headers, problem


def test_a_refused_login_tells_nobody_who_there_is(
    target: Target, resident: Guest, record_property: Callable[[str, object], None]
) -> None:
    """A list of usernames is to be had, or whether a password is right that belongs to another.

    Times go into the report and are not judged here. That a hash is verified for
    names that nobody has too: tests/unit/enrollment/test_password_hashing.py.
    """
    stranger = target.newcomer()
    guesses = {
        "somebody's name": (resident.username, "not the password"),
        "somebody's name and password": (resident.username, resident.password),
        "nobody's name": ("wh999998", "not the password"),
    }
    seen: dict[str, Answered] = {}
    for kind, (username, password) in guesses.items():
        guess = Guest(target.doors, username, "", stranger.credential, password)
        took = []
        for _ in range(3):
            begun = time.perf_counter()
            seen[kind] = guess.log_in()
            took.append(time.perf_counter() - begun)
        record_property(f"median seconds, {kind}", statistics.median(took))
    first, *others = map(comparable, seen.values())
    assert first[0] == 403
    assert all(other == first for other in others)
    assert resident.ask(SESSION).status == 200


def test_a_refused_pickup_tells_nobody_which_half_was_wrong(target: Target) -> None:
    """Serial numbers of slips are to be had."""
    slip = target.slip()
    used = target.slip()
    pairs = [
        {"serial_number": slip["serial_number"], "download_password": "2222-2222-2222-2222"},
        {"serial_number": "1" * 20, "download_password": slip["download_password"]},
        {"serial_number": used["serial_number"], "download_password": slip["download_password"]},
    ]
    client, said = target.doors.public(), {"Content-Type": "application/json"}
    answers = [
        client.ask("/api/v1/pickup", "POST", headers=said, body=json.dumps(pair).encode())
        for pair in pairs
    ]
    assert {comparable(answer)[0] for answer in answers} == {403}
    assert all(comparable(answer) == comparable(answers[0]) for answer in answers)
