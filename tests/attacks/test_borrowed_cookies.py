"""Whoever has got hold of cookies, and not of the key that belongs to them."""

from functools import partial

import pytest

from tests.attacks.target import Target, code_of
from tests.support.edge_client import ask_on, despite_the_cut
from tests.support.guest import Guest

JSON = {"Accept": "application/json"}

pytestmark = pytest.mark.slow
SESSION = "/api/v1/session"


def places(target: Target) -> list[str]:
    """Return where somebody inside would be told who he is."""
    return [SESSION, *([target.application] if target.application else [])]


def test_cookies_with_another_s_certificate_open_nothing(target: Target, resident: Guest) -> None:
    """Somebody inside wants to be somebody else, whose cookies he has stolen."""
    thief = target.victim()
    for path in places(target):
        for jar in (resident.jar, {**thief.jar, **resident.jar}):
            answer = thief.client.ask(path, cookies=jar, headers=JSON)
            assert answer.status in {401, 403}, path
            assert resident.username.encode() not in answer.body
    # His own session beside the other's tokens makes him nobody but himself.
    for path in places(target):
        answer = thief.client.ask(path, cookies=swapped(thief, resident))
        assert resident.username.encode() not in answer.body
        assert answer.status == 403 or thief.username.encode() in answer.body


def test_cookies_without_a_certificate_open_nothing(target: Target, resident: Guest) -> None:
    """A thief of cookies has no certificate at all."""
    for path in places(target):
        answer = target.doors.portal().ask(path, cookies=resident.jar, headers=JSON)
        assert (answer.status, code_of(answer)) == (403, "certificate-required"), path


def test_an_ended_session_stays_ended_on_a_warm_connection(target: Target) -> None:
    """Cookies were copied before the logout; their connection is still open."""
    victim = target.victim()
    kept, warm = dict(victim.jar), victim.client.connect()
    assert ask_on(warm, SESSION, cookies=kept).status == 200
    assert victim.ask(SESSION, "DELETE").status == 204

    answer = ask_on(warm, SESSION, cookies=kept, headers=JSON)
    warm.close()
    assert (answer.status, code_of(answer)) == (401, "login-required")
    assert victim.client.ask(SESSION, cookies=kept).status == 401


def test_a_revoked_certificate_opens_nothing_at_any_door(target: Target) -> None:
    """The finder of a lost key is quicker than the caches."""
    victim = target.victim()
    kept = dict(victim.jar)
    target.revoke(victim)
    for doors in (target.doors, target.other):
        for path in places(target):
            ask = partial(victim.at(doors).client.ask, path, cookies=kept, headers=JSON)
            answer = despite_the_cut(ask)
            assert (answer.status, code_of(answer)) == (403, "certificate-revoked"), path
        assert code_of(despite_the_cut(victim.at(doors).log_in)) == "certificate-revoked"


@pytest.mark.parametrize(
    "value",
    ["", "=", "%00", '"', "a" * 43, "é".encode().decode("latin-1"), "../../etc/passwd",
     "eyJhbGciOiJub25lIn0.e30.", "a.b.c", "a" * 6_000, "';--"],
    ids=lambda value: f"{value[:8]}-{len(value)}",
)  # fmt: skip
def test_garbage_in_cookies_is_refused_and_harms_nobody(
    target: Target, resident: Guest, value: str
) -> None:
    """Somebody looks for a cookie that the gateway stumbles over."""
    names = (*resident.jar, "__Host-certgate-language", "language")
    for path in places(target):
        answer = resident.client.ask(path, cookies=dict.fromkeys(names, value))
        assert 300 <= answer.status < 500, path
    assert resident.ask(SESSION).status == 200


def test_cookies_without_end_are_refused(target: Target, resident: Guest) -> None:
    """Memory is to be filled by a head without end."""
    many = {f"c{number}": "x" * 3_000 for number in range(30)}
    try:
        status = resident.client.ask(SESSION, cookies=many).status
    except OSError:
        status = 400  # hung up
    assert 400 <= status < 500
    assert resident.ask(SESSION).status == 200


def swapped(thief: Guest, owner: Guest) -> dict[str, str]:
    """Return the thief's session with the other's tokens."""
    return {
        name: value if name == "__Host-certgate" else owner.jar.get(name, value)
        for name, value in thief.jar.items()
    }
