"""A node behind an edge, with two applications: one with a host, one with a path."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from foundation.settings import Settings
from tests.support.bureau import Bureau, bureau_of
from tests.support.clock import FakeClock

ROUTES = """
[[application]]
name = "statements"
host = "apps.example"
upstream = ["http://127.0.0.1:9100"]
everybody = true

[[application]]
name = "reports"
path = "/apps/reports"
upstream = ["http://127.0.0.1:9101"]
roles = ["auditor"]
"""
APPS = "https://apps.example:9443"


@pytest.fixture
def node(database_url: str, tmp_path: Path) -> Iterator[Bureau]:
    """A house that has an edge in front, with keys that sign."""
    with open_node(database_url, tmp_path, FakeClock()) as opened:
        yield opened


@contextmanager
def open_node(database_url: str, folder: Path, clock: FakeClock) -> Iterator[Bureau]:
    """Open such a house at a time of one's own choice."""
    data = folder / "data"
    data.mkdir(mode=0o700)
    (data / "routes.toml").write_text(ROUTES, encoding="utf-8")
    settings = Settings(data=data, database_url=database_url, edge_port=7443)
    with bureau_of(settings, clock) as opened:
        opened.house.token_signing.rotation.rotate_due()
        yield opened
