"""Whom an application is for: kinds, roles and classes against the route."""

from typing import Any

import pytest

from tests.integration.edge.conftest import APPLICATION_HOST, AUDIT_HOST, Scene
from tests.support.edge_client import Answered
from tests.support.tls_credentials import HOST

STATEMENTS, OLD = (HOST, "/apps/statements/x"), (HOST, "/apps/statements/old/x")
CHAT, AUDIT = (APPLICATION_HOST, "/room"), (AUDIT_HOST, "/log")
UNIT, OFFICER, PERSON = "unit", "officer", "person"

ASKED: list[tuple[tuple[str, str], str, str, str, bool]] = [
    # where, kind, class, roles, may
    (STATEMENTS, UNIT, "vip", ",", True),
    (STATEMENTS, UNIT, "ordinary", ",", False),
    (STATEMENTS, UNIT, "", ",", False),
    (STATEMENTS, UNIT, "VIP", ",", False),
    (STATEMENTS, UNIT, "vip2", ",", False),
    (STATEMENTS, OFFICER, "vip", ",auditor,", False),
    (STATEMENTS, PERSON, "", ",", False),
    (OLD, UNIT, "ordinary", ",", True),
    (OLD, OFFICER, "", ",", True),
    (OLD, PERSON, "", ",", False),
    (OLD, "", "", ",", False),
    (CHAT, UNIT, "ordinary", ",", True),
    (CHAT, PERSON, "", ",", True),
    (AUDIT, OFFICER, "", ",auditor,", True),
    (AUDIT, OFFICER, "", ",administrator,auditor,", True),
    (AUDIT, OFFICER, "", ",security_officer,auditor,", True),
    (AUDIT, OFFICER, "", ",review_officer,", False),
    (AUDIT, OFFICER, "", ",chief_auditor,", False),
    (AUDIT, OFFICER, "", ",auditor_2,", False),
    (AUDIT, OFFICER, "", "auditor", False),
    (AUDIT, OFFICER, "", ",", False),
    (AUDIT, OFFICER, "", "", False),
    (AUDIT, UNIT, "vip", ",", False),
]  # fmt: skip


def visit(
    scene: Scene, where: tuple[str, str], method: str = "GET", body: bytes | None = None,
    headers: dict[str, str] | None = None, **claims: Any,
) -> Answered:  # fmt: skip
    host, path = where
    cookies = scene.tokens.cookies(aud=host, **claims)
    headers = {"Accept": "application/json", **(headers or {})}
    return scene.client(host=host).ask(path, method, body=body, headers=headers, cookies=cookies)


@pytest.mark.parametrize(("where", "kind", "unit_class", "roles", "may"), ASKED)
def test_the_route_says_whom_it_is_for(
    scene: Scene, where: tuple[str, str], kind: str, unit_class: str, roles: str, may: bool
) -> None:
    before = len(scene.application.asked)

    claims: dict[str, Any] = {"kind": kind, "class": unit_class, "roles": roles}
    answer = visit(scene, where, **claims)

    assert answer.status == (200 if may else 403)
    assert len(scene.application.asked) == before + may
    if may:
        assert scene.application.last.value("x-certgate-roles") == roles.strip(",")
    else:
        assert answer.document["type"].endswith("/not-allowed")


@pytest.mark.parametrize(("octets", "status"), [(0, 200), (1024, 200), (1025, 413), (90_000, 413)])
def test_a_body_is_no_larger_than_the_route_says(scene: Scene, octets: int, status: int) -> None:
    assert visit(scene, STATEMENTS, "POST", b"x" * octets).status == status


def test_a_body_says_how_long_it_is(scene: Scene) -> None:
    before = len(scene.application.asked)

    answer = visit(
        scene, STATEMENTS, "POST", b"1\r\nx\r\n0\r\n\r\n", {"Transfer-Encoding": "chunked"}
    )

    assert answer.status == 411
    assert len(scene.application.asked) == before


@pytest.mark.parametrize(
    ("where", "protocol"),
    [(STATEMENTS, "websocket"), (CHAT, "h2c"), (CHAT, "websocket, h2c"), ((HOST, "/tasks"), "h2c")],
)
def test_no_other_protocol_where_the_route_has_none(
    scene: Scene, where: tuple[str, str], protocol: str
) -> None:
    """`Upgrade: h2c` would open a way past every decision that follows."""
    upgrade = {"Connection": "Upgrade", "Upgrade": protocol, "Sec-WebSocket-Key": "A" * 22 + "=="}

    answer = visit(scene, where, headers=upgrade)

    assert answer.status == 400
    assert scene.edge.logged(answer.request_id)["decision"] == "upgrade-refused"
