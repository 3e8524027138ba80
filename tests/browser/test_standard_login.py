"""An application's login in a real browser: browsers hold a form's policy against redirects.

And they keep the session's cookie out of a form that another site sends.
"""

import html
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from joserfc.jwk import ECKey
from playwright.sync_api import expect

from tests.browser import errands
from tests.browser.person import Person
from tests.support.chromium import Browsers
from tests.support.relying_party import challenge_of
from tests.support.server import Server, running_server

pytestmark = pytest.mark.browser

PASSWORD = "长江东流 一去不回头"


@dataclass
class CallbackSite:
    """The application as the browser sees it: every page of it says where one is.

    A page with a query has a form of its parameters, which is posted to `action`.
    """

    port: int
    action: str = ""

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@pytest.fixture
def site() -> Iterator[CallbackSite]:
    opened = CallbackSite(0)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fields = "".join(
                f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
                for name, value in parse_qsl(urlsplit(self.path).query)
            )
            page = (
                "<!doctype html><title>app</title><h1>The application</h1>"
                f'<form method="post" action="{opened.action}">{fields}<button>Go</button></form>'
            ).encode()
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    opened.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield opened
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running_server(tmp_path / "data") as server:
        yield server


def test_the_first_login_ends_at_the_application_and_so_does_the_logout(
    server: Server, browsers: Browsers, site: CallbackSite, tmp_path: Path
) -> None:
    """Login, forced reset, on to the application; then its logout, confirmed (AMB-02)."""
    key = tmp_path / "app.pem"
    key.write_bytes(ECKey.generate_key("P-256").as_pem(private=False))
    server.json(
        "application", "add", "the-app", "--name", "对账单", "--everybody", "--key", str(key),
        "--redirect-uri", site.url("/callback"),
    )  # fmt: skip
    slip = server.json(
        "unit", "add", "--name", "武汉江城精密制造有限公司",
        "--credit-code", "91420100MA4K00001U", "--district", "wuchang",
    )  # fmt: skip
    unit = Person(browsers, server)
    errands.find_pickup(unit)
    errands.redeem(unit, slip)
    errands.install(unit, slip)
    query = urlencode(
        {
            "response_type": "code",
            "client_id": "the-app",
            "redirect_uri": site.url("/callback"),
            "scope": "openid",
            "state": "st4te",
            "code_challenge": challenge_of("v" * 43),
            "code_challenge_method": "S256",
        }
    )
    unit.open(f"{server.portal}/openid/authorize?{query}")
    unit.is_at("单位登录")
    errands.log_in(unit, slip["username"], slip["initial_password"])
    unit.is_at("密码重置")
    errands.reset(unit, slip["initial_password"], PASSWORD)
    expect(unit.page.get_by_role("heading", level=1)).to_have_text("The application")
    parameters = parse_qs(urlsplit(unit.page.url).query)
    assert parameters.keys() == {"code", "state", "iss"}

    # Again, by a form of the application's (OpenID Connect Core 3.1.2.1).
    site.action = f"{server.portal}/openid/authorize"
    unit.open(site.url(f"/?{query}"))
    unit.page.get_by_role("button", name="Go").click()
    unit.page.wait_for_url(re.compile(re.escape(site.url("/callback?code="))))

    unit.open(f"{server.portal}/openid/end-session")
    unit.is_at("确认退出登录？")
    unit.looks_at("end-session")
    unit.press("end_session.confirm")
    unit.is_at("您已退出登录")
    unit.looks_at("logged-out")
    unit.watch.expect_nothing()
