"""Applications behind the edge hear of logouts as their line of routes.toml says."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.testclient import TestClient

from foundation.settings import Settings
from tests.support.bureau import Bureau, bureau_of
from tests.support.clock import FakeClock
from tests.support.relying_party import PUBLIC

ROUTES = """
[[application]]
name = "statements"
path = "/apps/statements"
upstream = ["http://127.0.0.1:9100"]
everybody = true
logout_url = "https://statements.example/back-channel-logout"
client_id = "statements-client"

[[application]]
name = "reports"
path = "/apps/reports"
upstream = ["http://127.0.0.1:9101"]
everybody = true
"""


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Not about storage."""
    return str(request.param)


@pytest.fixture
def node(database_url: str, tmp_path: Path) -> Iterator[Bureau]:
    """A node with an edge in front."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "routes.toml").write_text(ROUTES, encoding="utf-8")
    settings = Settings(data=data, database_url=database_url, edge_port=7443)
    with bureau_of(settings, FakeClock()) as opened:
        opened.house.token_signing.rotation.rotate_due()
        yield opened


def test_who_named_an_address_is_told_of_every_session(
    node: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = node.arrive(node.register_unit())
    back_channel = node.house.openid.back_channel
    heard: list[tuple[str, str]] = []
    monkeypatch.setattr(back_channel, "_post", lambda url, token: heard.append((url, token)))
    back_channel.run()
    assert len(heard) == 1, "the session before the password reset has ended"
    assert visitor.delete("/api/v1/session").status_code == 204
    back_channel.run()
    assert [url for url, _ in heard] == ["https://statements.example/back-channel-logout"] * 2
    public = TestClient(node.public, base_url=PUBLIC)
    keys = KeySet.import_key_set(public.get("/openid/jwks.json").json())
    claims = [jwt.decode(token, keys, ["ES256"]).claims for _, token in heard]
    assert {each["aud"] for each in claims} == {"statements-client"}
    assert len({each["sid"] for each in claims}) == 2
