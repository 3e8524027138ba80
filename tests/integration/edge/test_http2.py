"""The same decisions over HTTP/2."""

from collections.abc import Iterator

import httpx
import pytest

from tests.integration.edge.conftest import APPLICATION_HOST, Scene
from tests.support.edge_client import ASSERTION

PATH = "/apps/statements/x"


@pytest.fixture
def http2(scene: Scene) -> Iterator[httpx.Client]:
    """A client whose requests all go over one connection."""
    with httpx.Client(
        http1=False, http2=True, verify=scene.client().context(), base_url=portal(scene)
    ) as client:
        yield client


def portal(scene: Scene) -> str:
    return f"https://localhost:{scene.edge.ports.portal}"


def test_who_is_calling_is_told_once(scene: Scene, http2: httpx.Client) -> None:
    cookies = scene.tokens.cookies() | {"own": "1"}
    # HTTP/2 may send a header of its own for each cookie (RFC 9113 section 8.2.3).
    headers = [("cookie", f"{name}={value}") for name, value in cookies.items()]
    headers += [("x-certgate-user", "a lie"), ("x-forwarded-for", "192.0.2.1")]

    answer = http2.get(PATH, headers=headers)

    assert (answer.status_code, answer.http_version) == (200, "HTTP/2")
    asked = scene.application.last
    assert asked.value("x-certgate-user") == "wh000123"
    assert asked.value("x-certgate-assertion") == ASSERTION
    assert asked.value("x-forwarded-for") == "127.0.0.1"
    assert asked.value("cookie") == "own=1"


def test_the_host_of_another_connection_is_misdirected(scene: Scene, http2: httpx.Client) -> None:
    """Browsers use one connection for all hosts of a certificate, and come back on a 421."""
    answer = http2.get("/room", headers={"Host": f"{APPLICATION_HOST}:1"})

    assert answer.status_code == 421


def test_a_denied_certificate_is_refused_on_the_same_connection(
    scene: Scene, http2: httpx.Client
) -> None:
    assert http2.get("/tasks/before").status_code == 200
    shown = scene.edge.command(f"show map {scene.edge.files.map('connections')}")

    scene.edge.fill("denied-certificates", {shown.split()[-1]: "held"})

    answer = http2.get("/tasks/after", headers={"Accept": "application/json"})
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/certificate-revoked"
    before, after = (
        scene.edge.logged_where(lambda line, path=path: bool(line["path"] == path))  # type: ignore[misc]
        for path in ("/tasks/before", "/tasks/after")
    )
    assert before["client_port"] == after["client_port"]


@pytest.mark.parametrize("name", ["x_certgate_user", "x.certgate"])
def test_odd_header_names_are_refused(http2: httpx.Client, name: str) -> None:
    assert http2.get("/tasks", headers={name: "a lie"}).status_code == 400


def test_paths_are_normalised(scene: Scene, http2: httpx.Client) -> None:
    answer = http2.get("/static/%2e%2e/apps//statements/x", headers={"Accept": "a/json"})

    assert answer.status_code == 401
    assert scene.edge.logged(answer.headers["x-request-id"])["application"] == "statements"
