"""A connection that has proved its token once: what is asked all the same (issue 4, part 1)."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from foundation.clock import SystemClock
from gateway.edge.rendering.limits import Limits
from tests.integration.edge.conftest import Scene
from tests.support.edge_client import ASSERTION, KEY_NAME, SECRET, Answered, ask_on
from tests.support.haproxy import Edge

PATH = "/apps/statements/x"
JSON = {"Accept": "application/json"}


class Warm:
    """One kept connection."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.connection = scene.client().connect()

    def ask(self, cookies: dict[str, str]) -> Answered:
        return ask_on(self.connection, PATH, headers=JSON, cookies=cookies)

    def fault(self, cookies: dict[str, str]) -> str:
        answer = self.ask(cookies)
        assert answer.status == 401
        return str(self.scene.edge.logged(answer.request_id)["token"])


@pytest.fixture
def warm(scene: Scene) -> Iterator[Warm]:
    made = Warm(scene)
    yield made
    made.connection.close()


CHANGES: dict[str, tuple[Callable[[Edge], None], str]] = {
    "session ended": (lambda e: e.fill("denied-sessions", {"42": "ended"}), "session-ended"),
    "key retired": (lambda e: e.fill("token-keys", {"k2": SECRET}), "token-key"),
    "another key of that name": (
        lambda e: e.fill("token-keys", {KEY_NAME: SECRET[::-1]}), "token-signature"
    ),
    "every key gone": (lambda e: e.fill("token-keys", {}), "token-key"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_ends_a_token_ends_the_remembered_one(scene: Scene, warm: Warm, change: str) -> None:
    happens, fault = CHANGES[change]
    cookies = scene.tokens.cookies()
    assert [warm.ask(cookies).status for _ in range(2)] == [200, 200]

    happens(scene.edge)

    assert warm.fault(cookies) == fault


def test_a_remembered_token_expires(scene: Scene, warm: Warm) -> None:
    end = int(SystemClock().now().timestamp()) + 2
    cookies = scene.tokens.cookies(exp=end)
    assert warm.ask(cookies).status == 200

    while SystemClock().now().timestamp() < end:
        time.sleep(0.05)

    assert warm.fault(cookies) == "token-expired"


def test_a_denied_certificate_is_refused_beside_a_remembered_token(
    scene: Scene, warm: Warm
) -> None:
    cookies = scene.tokens.cookies()
    assert warm.ask(cookies).status == 200
    answer = warm.ask(cookies)
    serial = scene.edge.logged_where(lambda line: line["path"] == PATH)["serial_number"]
    assert answer.status == 200

    scene.edge.fill("denied-certificates", {serial: "revoked"})

    assert warm.ask(cookies).status == 403


def test_other_cookies_are_verified_anew(scene: Scene, warm: Warm) -> None:
    """Forged, absent, or another unit's class: never what the connection proved before."""
    good = scene.tokens.cookies()
    assert [warm.ask(good).status for _ in range(2)] == [200, 200]

    assert warm.fault(scene.tokens.cookies(secret=SECRET[::-1])) == "token-signature"
    assert warm.fault({}) == "token-absent"
    assert warm.fault(scene.tokens.cookies(assertion=ASSERTION + "x")) == "assertion-differs"
    ordinary: dict[str, Any] = {"class": "ordinary"}
    assert warm.ask(scene.tokens.cookies(**ordinary)).status == 403
    assert warm.ask(good).status == 200


@pytest.mark.parametrize("length", [10, Limits().remembered_cookies])
def test_the_application_sees_the_same_again(scene: Scene, warm: Warm, length: int) -> None:
    """With cookies of its own, few or more than are remembered; with none of ours."""
    own = {"a": "1|2", "b": "x" * length}
    cookies = {"a": own["a"], **scene.tokens.cookies(roles=",auditor,clerk,"), "b": own["b"]}
    seen = []
    for _ in range(3):
        assert warm.ask(cookies).status == 200
        asked = scene.application.last
        assert asked.value("cookie") == "; ".join(f"{n}={v}" for n, v in own.items())
        names = ("user", "kind", "class", "roles", "serial", "certificate-sha256", "assertion")
        seen.append([asked.value(f"x-certgate-{name}") for name in names])

    assert seen[0][:4] == ["wh000123", "unit", "vip", "auditor,clerk"]
    assert seen[0][6] == ASSERTION
    assert seen[0] == seen[1] == seen[2]


def test_a_claim_with_the_mark_in_it_is_not_remembered_apart(scene: Scene, warm: Warm) -> None:
    cookies = scene.tokens.cookies(sub="a|b", roles=",x|y,")
    for _ in range(2):
        assert warm.ask(cookies).status == 200
        asked = scene.application.last
        assert asked.value("x-certgate-user") == "a|b"
        assert asked.value("x-certgate-roles") == "x|y"
