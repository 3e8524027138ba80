"""What is published: OpenID Connect Discovery 1.0, RFC 7517, RFC 8414, RFC 8705 5, RFC 9207 3."""

from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.discovery import OpenIDProviderMetadata

from tests.support.bureau import PORTAL
from tests.support.relying_party import PUBLIC, LoginHouse


def test_the_metadata_is_whole_and_names_the_issuer_it_is_read_from(house: LoginHouse) -> None:
    """Discovery 3 and 4.3."""
    answer = house.public.get("/.well-known/openid-configuration")
    metadata = answer.json()
    assert metadata["issuer"] == PUBLIC
    assert answer.headers["cache-control"] == "public, max-age=300"
    OpenIDProviderMetadata(metadata).validate()
    AuthorizationServerMetadata(metadata).validate()


def test_every_endpoint_that_it_names_is_there(house: LoginHouse) -> None:
    metadata = house.public.get("/.well-known/openid-configuration").json()
    named = {
        name: metadata[name]
        for name in metadata
        if name.endswith("_endpoint") or name == "jwks_uri"
    }
    named |= {f"alias of {name}": url for name, url in metadata["mtls_endpoint_aliases"].items()}
    for name, url in named.items():
        door, base = (house.unit, PORTAL) if url.startswith(PORTAL) else (house.public, PUBLIC)
        status = door.get(url.removeprefix(base)).status_code
        assert status not in {404, 500}, name


def test_the_published_keys_are_public(house: LoginHouse) -> None:
    """RFC 7517 4: each with a name and a use, none with its private half."""
    keys = house.public.get("/openid/jwks.json").json()["keys"]
    assert keys
    for key in keys:
        assert {"kty", "crv", "x", "y", "kid", "use"} <= key.keys()
        assert "d" not in key
    assert len({key["kid"] for key in keys}) == len(keys)
