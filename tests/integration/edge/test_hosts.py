"""The host of a request is the host of its connection, and one that is served here."""

import pytest

from tests.integration.edge.conftest import APPLICATION_HOST, AUDIT_HOST, Scene
from tests.support.edge_client import ask_on
from tests.support.tls_credentials import HOST

DISAGREEING = [(HOST, APPLICATION_HOST), (APPLICATION_HOST, HOST), (APPLICATION_HOST, AUDIT_HOST)]


@pytest.mark.parametrize(("of_connection", "of_request"), DISAGREEING)
def test_another_host_than_the_connections_is_misdirected(
    scene: Scene, of_connection: str, of_request: str
) -> None:
    answer = scene.client(host=of_connection).ask("/", headers={"Host": of_request})

    assert answer.status == 421
    assert scene.edge.logged(answer.request_id)["decision"] == "sni-differs"


@pytest.mark.parametrize("host", ["elsewhere.example", "localhost.", "evil-localhost", "[::1]"])
def test_a_host_that_is_not_served_is_misdirected(scene: Scene, host: str) -> None:
    before = len(scene.node.asked)

    assert scene.client().ask("/tasks", headers={"Host": host}).status == 421
    assert len(scene.node.asked) == before


@pytest.mark.parametrize("host", ["LOCALHOST", "localhost:9443", "LocalHost:1"])
def test_neither_case_nor_port_makes_another_host(scene: Scene, host: str) -> None:
    assert scene.client().ask("/tasks", headers={"Host": host}).status == 200


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1", 200), (APPLICATION_HOST, 421)])
def test_who_names_no_host_in_the_handshake_gets_the_portal_alone(
    scene: Scene, host: str, status: int
) -> None:
    connection = scene.client().connect(names_host=False)
    try:
        assert ask_on(connection, "/tasks", headers={"Host": host}).status == status
    finally:
        connection.close()


def test_a_token_for_one_host_is_none_at_another(scene: Scene) -> None:
    own = scene.tokens.cookies(aud=APPLICATION_HOST)
    path, port = "/room", scene.edge.ports.portal
    headers = {"Accept": "application/json"}

    at_home = scene.client(host=APPLICATION_HOST).ask(path, cookies=own, headers=headers)
    abroad = scene.client(host=AUDIT_HOST).ask(path, cookies=own, headers=headers)

    assert (at_home.status, abroad.status) == (200, 401)
    assert scene.application.last.value("x-forwarded-host") == f"{APPLICATION_HOST}:{port}"


def test_the_visit_for_a_new_token_is_ours_on_every_host(scene: Scene) -> None:
    before = len(scene.application.asked)
    path = "/.certgate/session?ticket=t"

    assert scene.client(host=APPLICATION_HOST).ask(path).status == 200

    assert scene.node.last.target == path
    assert scene.node.last.value("x-certgate-door") == "portal"
    assert len(scene.application.asked) == before


@pytest.mark.parametrize("path", ["/static/app.css", "/favicon.ico", "/healthz"])
def test_what_is_open_at_the_portal_belongs_to_the_application_elsewhere(
    scene: Scene, path: str
) -> None:
    client = scene.client(host=APPLICATION_HOST)

    assert client.ask(path, headers={"Accept": "application/json"}).status == 401
    assert client.ask(path, cookies=scene.tokens.cookies(aud=APPLICATION_HOST)).status == 200
    assert scene.application.last.target == path
    assert scene.client(host=APPLICATION_HOST, bare=True).ask(path).status == 403
