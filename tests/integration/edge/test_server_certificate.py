"""The server's certificate names the applications whose host is below the portal's."""

from pathlib import Path

import pytest
from cryptography import x509

from foundation.database import Database
from foundation.settings import Settings
from gateway.composition.profiles import certificate_names
from gateway.edge.routes import RoutesError
from tests.support.certification import OPERATOR, make_store

ROUTES = """
[[application]]
name = "below"
host = "apps.portal.example.org"
upstream = ["http://127.0.0.1:9100"]
everybody = true

[[application]]
name = "elsewhere"
host = "apps.example.org"
upstream = ["http://127.0.0.1:9100"]
everybody = true

[[application]]
name = "alike"
host = "evilportal.example.org"
upstream = ["http://127.0.0.1:9100"]
everybody = true
"""


@pytest.fixture
def names(tmp_path: Path) -> list[str]:
    (tmp_path / "routes.toml").write_text(ROUTES)
    return certificate_names(Settings(data=tmp_path, host="portal.example.org"))


def test_only_hosts_below_the_portals_are_named(names: list[str]) -> None:
    assert names == [
        "portal.example.org", "localhost", "127.0.0.1", "apps.portal.example.org",
    ]  # fmt: skip


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_ca_that_was_made_before_issues_it(
    database: Database, tmp_path: Path, names: list[str]
) -> None:
    """Its name constraint on the portal's host permits what is below it."""
    own = tuple(names[:3])
    store = make_store(database, tmp_path, server_names=own)
    before = store.create(own, OPERATOR).server.certificate

    after = store.load(names, OPERATOR).server.certificate

    assert after != before
    found = after.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "apps.portal.example.org" in found.get_values_for_type(x509.DNSName)


def test_a_broken_file_is_no_empty_one(tmp_path: Path) -> None:
    (tmp_path / "routes.toml").write_text("[[application]")

    with pytest.raises(RoutesError, match=r"routes\.toml"):
        certificate_names(Settings(data=tmp_path))
