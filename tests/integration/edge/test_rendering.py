"""HAProxy itself reads what is rendered, and has nothing to say about it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from gateway.cli.edge.render import render
from gateway.composition.edge import prepare_edge
from gateway.edge.files import EdgeFiles
from tests.support.edge_pki import EdgePki
from tests.support.haproxy import edge_folder, edge_settings, program
from tests.support.programs import Answer, try_run

EVERYTHING = """
[[application]]
name = "plain"
path = "/apps/plain"
upstream = ["http://127.0.0.1:9100", "http://127.0.0.1:9101"]
everybody = true
websockets = true
strip_path = true
client_certificate = true
health = "/healthz"
largest_body_kilobytes = 4194304

[[application]]
name = "secured"
host = "secured.example"
upstream = ["https://localhost:443"]
ca_file = "{ca_file}"
roles = ["auditor", "administrator"]
kinds = ["unit", "officer"]
unit_classes = ["vip", "ordinary"]
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with edge_folder() as made:
        yield made


def checked(folder: Path, **changed: Any) -> Answer:
    """Return what `haproxy -c` says of the configuration with these settings."""
    pki = EdgePki(folder)
    nodes = changed.pop("nodes", ["127.0.0.1:9500", "127.0.0.1:9501"])
    configured = edge_settings(folder, nodes, **changed)
    configuration = prepare_edge(configured)
    files = EdgeFiles(configured.resolved_edge_state)
    pki.write(files)
    files.configuration.write_text(configuration)
    return try_run(program(), "haproxy", "-c", "-V", "-f", files.configuration)


@pytest.mark.parametrize("bind", ["127.0.0.1", "::1", "0.0.0.0", "::"])  # noqa: S104
@pytest.mark.parametrize("with_applications", [False, True])
def test_it_is_valid_and_causes_no_warning(
    folder: Path, bind: str, with_applications: bool
) -> None:
    if with_applications:
        ca_file = folder / "edge" / "link-authorities.pem"
        text = EVERYTHING.format(ca_file=ca_file)
        (folder / "routes.toml").write_text(text)

    answer = checked(folder, bind=bind, host="portal.example")

    assert answer.status == 0, answer.everything
    assert "WARNING" not in answer.everything
    assert "ALERT" not in answer.everything


def test_with_nameservers_a_name_may_be_unknown_at_the_start(folder: Path) -> None:
    names = {"edge_nameservers": "127.0.0.1:53", "nodes": ["node.example.invalid:9500"]}

    answer = checked(folder, **names)

    assert answer.status == 0, answer.everything


def test_without_crls_it_does_not_start(folder: Path) -> None:
    configured = edge_settings(folder, ["127.0.0.1:9500"])
    files = EdgeFiles(configured.resolved_edge_state)
    assert checked(folder).status == 0
    files.crls.unlink()

    answer = try_run(program(), "haproxy", "-c", "-f", files.configuration)

    assert answer.status != 0
    assert "crl" in answer.everything.lower()


def test_the_command_prints_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CERTGATE_EDGE_NODES", "node-a.example:9500")
    monkeypatch.setenv("CERTGATE_HOST", "portal.example")
    app = typer.Typer()
    app.command()(render)

    printed = CliRunner().invoke(app, ["--data", str(folder)])

    assert printed.exit_code == 0
    assert "server node-1 node-a.example:9500" in printed.output
    assert "Strict-Transport-Security max-age=" in printed.output


def test_the_command_says_what_is_missing(folder: Path) -> None:
    app = typer.Typer()
    app.command()(render)

    printed = CliRunner().invoke(app, ["--data", str(folder)])

    assert printed.exit_code == 2
    assert "edge_nodes" in printed.output
