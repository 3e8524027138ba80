"""docker-compose.yml: by the Compose specification, hardened, and true to the settings.

No container engine is asked for. That the same processes work together is
shown by tests/integration/edge and tests/integration/nodes.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from foundation.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
COMPOSE = ROOT / "docker-compose.yml"

DOCUMENT: dict[str, Any] = YAML(typ="safe").load(COMPOSE)
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]
PROGRAM = sorted(
    name for name, one in SERVICES.items() if one.get("build", {}).get("target") == "program"
)


def test_it_follows_the_compose_specification() -> None:
    checked = subprocess.run(
        [
            sys.executable,
            "-m",
            "check_jsonschema",
            "--builtin-schema",
            "vendor.compose-spec",
            COMPOSE,
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout


def test_edge_nodes_signer_and_database_are_there() -> None:
    assert {"edge", "edge-agent", "node-1", "node-2", "signer", "database"} <= SERVICES.keys()
    seen_only = {name for name, one in SERVICES.items() if one.get("profiles") == ["seeing"]}
    assert seen_only == {"prometheus", "grafana"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_container_is_read_only_and_nobody_is_root(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert int(service["user"].partition(":")[0]) > 0


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_image_has_a_version(name: str) -> None:
    assert re.search(r":v?\d+\.\d+", SERVICES[name]["image"])


def test_what_goes_on_is_watched() -> None:
    lasting = {name for name, one in SERVICES.items() if "profiles" not in one}
    # Nobody can ask the signer anything but its clients, who say when it is away.
    assert {name for name in lasting if "healthcheck" not in SERVICES[name]} == {"signer"}


def test_the_base_images_of_ours_have_versions_too() -> None:
    text = (ROOT / "Dockerfile").read_text()
    defaults = dict(re.findall(r"^ARG (\w+)=(\S+)$", text, re.MULTILINE))
    bases = [
        re.sub(r"\$\{(\w+)\}", lambda found: defaults[found[1]], base)
        for base in re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    ]
    assert bases
    assert all(re.search(r":\d+\.\d+", base) for base in bases)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_secrets_are_files_and_nothing_else(name: str) -> None:
    environment = SERVICES[name].get("environment", {})
    for variable, value in environment.items():
        if re.search("PASSWORD|PASSPHRASE|SECRET|TOKEN", variable):
            assert value.startswith("/run/secrets/"), variable
            assert value.removeprefix("/run/secrets/") in SERVICES[name]["secrets"]
    assert ":" not in environment.get("CERTGATE_DATABASE_URL", "").partition("://")[2]


def test_every_secret_and_volume_that_is_used_is_declared() -> None:
    for service in SERVICES.values():
        assert set(service.get("secrets", [])) <= DOCUMENT["secrets"].keys()
        named = {mount.partition(":")[0] for mount in service.get("volumes", [])}
        assert {one for one in named if not one.startswith(".")} <= DOCUMENT["volumes"].keys()


@pytest.mark.parametrize("name", PROGRAM)
def test_the_program_takes_its_settings(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("word\n")
    for variable, value in SERVICES[name]["environment"].items():
        given = re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value)
        monkeypatch.setenv(variable, re.sub("^/run/secrets/.*", str(secret), given))
    settings = Settings.load(tmp_path)
    assert (settings.pki_port, settings.public_port, settings.portal_port) == (8080, 8443, 9443)


def test_only_the_edge_is_reached_from_outside() -> None:
    published = {name for name, one in SERVICES.items() if one.get("ports")}
    assert published == {"edge", "grafana"}
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["grafana"]["ports"])
    assert SERVICES["signer"]["network_mode"] == "none"


@pytest.mark.parametrize("name", ["database", "signer", "node-1", "node-2", "edge-agent"])
def test_the_rest_has_no_way_out(name: str) -> None:
    assert DOCUMENT["networks"]["inside"]["internal"] is True
    assert "outside" not in SERVICES[name].get("networks", [])
