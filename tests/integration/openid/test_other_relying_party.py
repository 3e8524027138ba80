"""A relying party that shares no code with us (idpyoidc), over TLS, with a real certificate.

A unit picks up its certificate, logs in with it, and is known to the
application; when it logs out there, the application hears of it.
"""

import json
import re
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from cryptojwt.key_jar import init_key_jar
from idpyoidc.client.defaults import DEFAULT_OIDC_SERVICES
from idpyoidc.client.exception import OidcServiceError
from idpyoidc.client.rp_handler import RPHandler
from idpyoidc.message.oidc.session import BackChannelLogoutRequest

from tests.support.bureau import NEW_PASSWORD
from tests.support.server import Server, running_server

CLIENT_ID = "other-library"
REDIRECT_URI = "https://app.example/callback"
BYE = "https://app.example/bye"


@dataclass
class LogoutEar:
    """Where the application takes logout tokens."""

    port: int = 0
    heard: list[str] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)


@pytest.fixture(scope="module")
def ear() -> Iterator[LogoutEar]:
    ear = LogoutEar()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            ear.heard.append(body)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()
            ear.arrived.set()

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ear.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield ear
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("provider") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def trust(server: Server) -> Path:
    """The root, as the application's operator installs it."""
    file = server.data.parent / "root.pem"
    der = httpx.get(f"{server.pki}/ca/root.cer").content
    file.write_text(ssl.DER_cert_to_PEM_cert(der))
    return file


@pytest.fixture(scope="module")
def unit(server: Server, trust: Path) -> Iterator[httpx.Client]:
    """The browser of a unit that has picked up its certificate, logged in and reset."""
    slip = server.json(
        "unit", "add", "--name", "武汉江城精密制造有限公司",
        "--credit-code", "91420100MA4K00001U", "--district", "wuchang",
    )  # fmt: skip
    context = context_of(trust)
    with httpx.Client(verify=context) as public:
        picked_up = public.post(
            f"{server.public}/api/v1/pickup",
            json={name: slip[name] for name in ("serial_number", "download_password")},
        )
    bundle = load_pkcs12(picked_up.content, slip["download_password"].encode())
    assert bundle.cert is not None
    assert bundle.key is not None
    file = server.data.parent / "unit.pem"
    file.write_bytes(
        bundle.cert.certificate.public_bytes(Encoding.PEM)
        + bundle.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    context.load_cert_chain(file)
    with httpx.Client(verify=context, base_url=server.portal) as browser:
        credentials = {"username": slip["username"], "password": slip["initial_password"]}
        assert browser.post("/api/v1/session", json=credentials).status_code == 201
        change = {"old_password": slip["initial_password"], "new_password": NEW_PASSWORD}
        assert browser.put("/api/v1/password", json=change).status_code == 204
        browser.headers["x-username"] = slip["username"]
        yield browser


@pytest.fixture(scope="module")
def handler(server: Server, trust: Path, ear: LogoutEar) -> RPHandler:
    """The library, registered by the operator's command with a key of its own."""
    keys = init_key_jar(key_defs=[{"type": "RSA", "use": ["sig"]}])
    file = server.data.parent / "keys.json"
    file.write_text(keys.export_jwks_as_json())
    registered = server.json(
        "application", "add", CLIENT_ID, "--name", "另一个应用", "--everybody",
        "--redirect-uri", REDIRECT_URI, "--post-logout-redirect-uri", BYE,
        "--logout-url", f"http://127.0.0.1:{ear.port}/logout", "--key", str(file),
    )  # fmt: skip
    configuration = {
        "issuer": registered["issuer"],
        "client_id": CLIENT_ID,
        "client_type": "oidc",
        "redirect_uris": [REDIRECT_URI],
        "token_endpoint_auth_method": "private_key_jwt",
        "id_token_signed_response_alg": "ES256",
        "client_authn_methods": ["private_key_jwt", "bearer_header"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile"],
        "scope": ["openid", "profile"],
        "add_ons": {
            "pkce": {
                "function": "idpyoidc.client.oauth2.add_on.pkce.add_support",
                "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"},
            },
        },
    }
    handler = RPHandler(
        base_url="https://app.example",
        client_configs={registered["issuer"]: configuration},
        keyjar=keys,
        services={
            **DEFAULT_OIDC_SERVICES,
            "end_session": {"class": "idpyoidc.client.oidc.end_session.EndSession"},
        },
        httpc_params={"verify": str(trust)},
    )
    client = handler.client_setup(registered["issuer"])
    # It would fetch the published keys without looking whom from.
    jwks = httpx.get(f"{server.public}/openid/jwks.json", verify=context_of(trust)).json()
    client.get_attribute("keyjar").import_jwks(jwks, registered["issuer"])
    return handler


def context_of(trust: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(trust))


def log_in(
    handler: RPHandler, browser: httpx.Client, issuer: str, *, by_form: bool = False
) -> dict[str, Any]:
    """Take the way of a browser through the library; return what it made of it."""
    url = handler.begin(issuer)
    if by_form:
        endpoint, _, query = url.partition("?")
        answer = browser.post(endpoint, data=dict(parse_qsl(query, strict_parsing=True)))
    else:
        answer = browser.get(url)
    assert answer.status_code == 303, answer.text
    location = answer.headers["location"]
    assert location.startswith(REDIRECT_URI)
    outcome: dict[str, Any] = handler.finalize(issuer, dict(parse_qsl(urlsplit(location).query)))
    return outcome


def test_another_library_logs_a_unit_in_and_hears_of_its_logout(
    server: Server, handler: RPHandler, unit: httpx.Client, ear: LogoutEar
) -> None:
    """Core, Discovery, RFC 7636, RP-Initiated and Back-Channel Logout, as others read them."""
    by_form = log_in(handler, unit, server.public, by_form=True)
    outcome = log_in(handler, unit, server.public)
    assert "error" not in outcome, outcome
    claims = outcome["id_token"].to_dict()
    assert by_form["userinfo"]["sub"] == claims["sub"]
    assert outcome["userinfo"]["sub"] == claims["sub"] == unit.headers["x-username"]
    assert claims["amr"] == ["pwd", "pop", "mfa"]
    assert outcome["userinfo"]["name"] == "武汉江城精密制造有限公司"

    state = outcome["state"]
    url = handler.logout(state, post_logout_redirect_uri=BYE)["url"]
    page = unit.get(url)
    assert page.status_code == 200
    assert "另一个应用" in page.text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    done = unit.post("/openid/end-session", data=fields)
    assert done.status_code == 200
    assert BYE in done.text

    assert ear.arrived.wait(90), "at once, or with the next minute's sweep"
    request = BackChannelLogoutRequest().from_urlencoded(ear.heard[0])
    client = handler.issuer2rp[server.public]
    assert request.verify(
        iss=server.public,
        aud=CLIENT_ID,
        keyjar=client.get_attribute("keyjar"),
        allowed_sign_alg="ES256",
    )
    token = request["__verified_logout_token"]
    assert (token["sid"], token["sub"]) == (claims["sid"], claims["sub"])
    assert json.loads(server.cli("application", "list", "--json"))["items"][0]["name"]


def test_the_operator_changes_its_key_and_removes_it(
    server: Server, handler: RPHandler, unit: httpx.Client
) -> None:
    """The running server honours the command at once."""
    new = server.data.parent / "new.json"
    keys = init_key_jar(key_defs=[{"type": "EC", "crv": "P-256", "use": ["sig"]}])
    new.write_text(keys.export_jwks_as_json())
    rotated = server.json("application", "rotate", CLIENT_ID, "--key", str(new))
    assert rotated["keys"] == [key.kid for key in keys.get_issuer_keys("")]
    credentials = {"username": unit.headers["x-username"], "password": NEW_PASSWORD}
    assert unit.post("/api/v1/session", json=credentials).status_code == 201
    url = unit.get(handler.begin(server.public)).headers["location"]
    with pytest.raises(OidcServiceError, match="invalid_client"):
        handler.finalize(server.public, dict(parse_qsl(urlsplit(url).query)))
    server.cli("application", "remove", CLIENT_ID, "--confirm", "another", expect=1)
    server.cli("application", "remove", CLIENT_ID, "--confirm", CLIENT_ID)
    assert server.json("application", "list") == {"items": []}
    page = unit.get(f"/openid/authorize?client_id={CLIENT_ID}&redirect_uri={REDIRECT_URI}")
    assert page.status_code == 400
