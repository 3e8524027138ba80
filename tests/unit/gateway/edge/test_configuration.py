"""The rendered configuration: within HAProxy's limits, and out of plain values only."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from foundation.i18n import LANGUAGES, Catalogues
from foundation.settings import Settings
from gateway.composition.edge import prepare_edge
from gateway.composition.ground import ROOMS
from gateway.edge.files import MAPS, EdgeFiles
from gateway.edge.rendering import EdgeError
from gateway.edge.rendering.limits import Limits
from gateway.edge.rendering.pages import UNASKED, Answers
from gateway.edge.rendering.reasons import REFUSALS
from tests.support.haproxy import edge_folder

# haproxy/defaults.h: LINESIZE and MAX_LINE_ARGS.
LONGEST_LINE, MOST_WORDS = 2048, 64

APPLICATION = """
[[application]]
name = "application-{number}"
{place}
upstream = ["http://127.0.0.1:9100", "http://127.0.0.1:9101"]
kinds = ["unit", "officer", "person"]
roles = ["administrator", "auditor"]
unit_classes = ["vip"]
websockets = true
health = "/healthz"
"""


def settings(folder: Path, **changed: Any) -> Settings:
    values: dict[str, Any] = {"data": folder, "edge_nodes": ("127.0.0.1:9500",)}
    return Settings(**(values | changed))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder whose name leaves room for a socket's."""
    with edge_folder() as made:
        yield made


@pytest.fixture
def crowded(folder: Path) -> Path:
    """A data folder with as many applications as there may be."""
    places = [
        f'host = "h{n}.{"x" * 60}.example"' if n % 2 else f'path = "/apps/a{n}"' for n in range(100)
    ]
    text = "".join(APPLICATION.format(number=n, place=place) for n, place in enumerate(places))
    (folder / "routes.toml").write_text(text)
    return folder


def test_every_line_is_within_haproxys_limits(crowded: Path) -> None:
    for line in prepare_edge(settings(crowded)).splitlines():
        assert len(line.encode()) < LONGEST_LINE
        assert line.startswith(" " * 4 + "log-format") or len(line.split()) <= MOST_WORDS, line


def test_every_answer_fits_into_a_buffer() -> None:
    public_url, portal_url = "https://localhost:8443", "https://localhost:9443"
    for text in Answers(Catalogues.load(ROOMS), public_url, portal_url).files().values():
        assert len(text.encode()) < Limits().buffer / 2


def test_the_folder_is_its_owners_and_the_maps_are_empty(folder: Path) -> None:
    edge = settings(folder)
    prepare_edge(edge)
    files = EdgeFiles(edge.resolved_edge_state)
    files.map("leases").write_text("portal 9999999999\n")

    prepare_edge(edge)

    assert files.folder.stat().st_mode & 0o777 == 0o700
    assert {name: files.map(name).read_bytes() for name in MAPS} == dict.fromkeys(MAPS, b"")
    assert len(list(files.pages.iterdir())) == (
        len(REFUSALS) * len(LANGUAGES) * 2 + 2 * len(UNASKED)
    )


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "Portal.Example", "portal example", "x\nfrontend y", "x{", "x,y", 'x"']
)
def test_a_host_that_is_no_name_makes_no_edge(tmp_path: Path, host: str) -> None:
    with pytest.raises(EdgeError, match="host"):
        prepare_edge(settings(tmp_path, host=host))


@pytest.mark.parametrize(
    "name", ["a b", "a\nb", "a'b", 'a"b', "a\\b", "a$b", "a#b", "a,b", "a(b", "é"]
)
def test_a_folder_whose_name_is_no_word_makes_no_edge(tmp_path: Path, name: str) -> None:
    with pytest.raises(EdgeError, match="edge_state"):
        prepare_edge(settings(tmp_path, edge_state=tmp_path / name))


def test_a_folder_too_deep_for_a_socket_makes_no_edge(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="socket"):
        prepare_edge(settings(tmp_path, edge_state=tmp_path / ("x" * 90)))


def test_an_edge_needs_a_node(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="edge_nodes"):
        prepare_edge(settings(tmp_path, edge_nodes=()))


def test_no_application_has_the_portals_host(folder: Path) -> None:
    (folder / "routes.toml").write_text(
        '[[application]]\nname = "a"\nhost = "localhost"\n'
        'upstream = ["http://a:1"]\neverybody = true\n'
    )
    with pytest.raises(EdgeError, match="portal's own"):
        prepare_edge(settings(folder))


@pytest.mark.parametrize(
    "node",
    ["a", "a:0", "a:65536", "a:1 check", "a:1\nserver b c:1", "-a:1", "a b:1", "[::1]:1", ":1"],
)
def test_an_address_of_a_node_is_a_name_and_a_port(tmp_path: Path, node: str) -> None:
    with pytest.raises(ValidationError):
        settings(tmp_path, edge_nodes=(node,))


def test_nodes_may_stand_in_one_line(tmp_path: Path) -> None:
    assert settings(tmp_path, edge_nodes="a:1, b:2 ,").edge_nodes == ("a:1", "b:2")
