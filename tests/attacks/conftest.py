"""What is attacked: both ways into a gateway of this test, or the one that the options name."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography import x509

from tests.attacks.target import ENROLLMENT, SECURITY, Target, open_target
from tests.support.guest import Doors, Guest, Root
from tests.support.installation import Installation, on_installation
from tests.support.server import Server, running_server

ROLES = {ENROLLMENT: "enrollment_officer", SECURITY: "security_officer"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the address of somebody's gateway."""
    group = parser.getgroup("attacks", "A gateway to attack (tests/attacks/README.md)")
    group.addoption("--gateway", help="the portal, https://host:9443")
    group.addoption("--public", help="the public door, https://host:8443")
    group.addoption("--credentials", help="the root and the slips of two officers")
    group.addoption("--application", help="an application's path, which answers with claims")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each attack against the given gateway, or against each of ours."""
    if "target" not in metafunc.fixturenames:
        return
    ways = [
        pytest.param("server", marks=pytest.mark.xdist_group("attacked-server")),
        pytest.param("edge", marks=[on_installation, pytest.mark.postgres]),
    ]
    # Options of a conftest below the first are only known when it was named.
    if metafunc.config.getoption("--gateway", None):
        ways = [pytest.param("given")]
    metafunc.parametrize("target", ways, indirect=True, scope="session")


@pytest.fixture(scope="session")
def target(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Target]:
    """A gateway to attack."""
    folder = tmp_path_factory.mktemp("attacked")
    if request.param == "given":
        yield _given(request.config, folder)
    elif request.param == "server":
        with running_server(folder / "data") as server:
            _write_slips(folder, server)
            der = httpx.get(f"{server.pki}/ca/root.cer").content
            root = Root(x509.load_der_x509_certificate(der))
            doors = Doors(folder, root, server.ports.portal, server.ports.public)
            yield open_target(doors, doors, folder)
    else:
        installation: Installation = request.getfixturevalue("installation")
        _write_slips(folder, installation)
        yield open_target(*installation.doors(folder), folder, "/apps/statements/whoami")


@pytest.fixture(scope="session")
def resident(target: Target) -> Guest:
    """A unit that is inside and stays there; nobody may harm it."""
    return target.victim()


def _write_slips(folder: Path, desk: Server | Installation) -> None:
    for name, role in ROLES.items():
        slip = desk.json("officer", "add", f"attacked-{name}", "--role", role)
        (folder / f"{name}.json").write_text(json.dumps(slip))


def _given(config: pytest.Config, folder: Path) -> Target:
    portal, public = (urlsplit(config.getoption(name)) for name in ("--gateway", "--public"))
    credentials = Path(config.getoption("--credentials"))
    root = x509.load_pem_x509_certificate((credentials / "root.pem").read_bytes())
    host = portal.hostname or ""
    doors = Doors(
        folder,
        Root(root),
        portal.port or 443,
        public.port or 443,
        host=host,
        address=socket.gethostbyname(host),
    )
    return open_target(doors, doors, credentials, config.getoption("--application"))
