"""What reaches a node and an application, and from whom they hear it."""

import base64

from tests.integration.edge.conftest import Scene
from tests.support.edge_client import ASSERTION


def test_an_edge_that_was_not_loaded_lets_nobody_in(scene: Scene) -> None:
    scene.edge.fill("leases", {})

    answer = scene.client().ask()

    assert answer.status == 503
    assert scene.edge.logged(answer.request_id)["decision"] == "edge-not-ready"


def test_a_lease_that_has_run_out_lets_nobody_in(scene: Scene) -> None:
    scene.edge.trust(-1)

    assert scene.client().ask().status == 503


def test_a_node_hears_whose_connection_it_is(scene: Scene) -> None:
    answer = scene.client().ask("/tasks?list=todo")

    assert answer.status == 200
    asked = scene.node.last
    assert asked.target == "/tasks?list=todo"
    assert asked.value("x-certgate-door") == "portal"
    assert asked.value("x-certgate-client-address") == "127.0.0.1"
    der = base64.b64encode(scene.unit.der).decode()
    assert asked.value("client-cert") == f":{der}:"
    assert asked.value("x-certgate-request-id")


def test_an_application_hears_who_is_calling(scene: Scene) -> None:
    answer = scene.client().ask("/apps/statements/2026?x=1", cookies=scene.tokens.cookies())

    assert answer.status == 200, answer.body
    asked = scene.application.last
    assert asked.target == "/2026?x=1"
    assert asked.value("x-certgate-user") == "wh000123"
    assert asked.value("x-certgate-kind") == "unit"
    assert asked.value("x-certgate-class") == "vip"
    assert asked.value("x-certgate-certificate-sha256") == scene.unit.digest
    assert asked.value("x-certgate-assertion") == ASSERTION
    assert asked.value("x-forwarded-proto") == "https"
    assert asked.value("client-cert") is None
    assert asked.value("cookie") is None
