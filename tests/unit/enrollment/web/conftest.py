"""Both listeners with doubles behind them, inside the layers every page has."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from enrollment.counter.api import officer_api_router
from enrollment.counter.views import officer_router
from enrollment.paper.slip_pdf import SlipPdf
from enrollment.public.api import public_api_router
from enrollment.public.help_views import help_router
from enrollment.public.views import public_router
from enrollment.services import EnrollmentServices
from foundation.i18n import Catalogues
from foundation.web.middleware.stack import WebStack
from foundation.web.pages import Pages
from foundation.web.problems import Problems, install_problem_handlers
from foundation.web.static_files import StaticFiles
from foundation.web.templates import template_environment
from policies.access import AccessPolicy
from policies.principal import Principal
from tests.support.clock import FakeClock
from tests.support.enrollment_doubles import (
    FINGERPRINT,
    ActsDouble,
    NoDatabase,
    PickupDouble,
    UnitsDouble,
)
from tests.support.randomness import FakeRandomness

ROOT_CERTIFICATE = b"0\x82 the root, in DER"
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass
class Counter:
    """The doubles behind the pages."""

    clock: FakeClock
    database: NoDatabase
    units: UnitsDouble
    pickup: PickupDouble
    acts: ActsDouble

    @property
    def services(self) -> EnrollmentServices:
        """Return the doubles in the place of the services."""
        double = SimpleNamespace(
            database=self.database,
            clock=self.clock,
            units=self.units,
            pickup=self.pickup,
            reissue=self.acts,
            standing=self.acts,
            root_fingerprint_sha256=FINGERPRINT,
        )
        return cast(EnrollmentServices, double)


class Browser(TestClient):
    """Posts forms as a browser does: with the token of the page it saw last."""

    def submit(self, page: str, action: str, **fields: object) -> Any:
        """Open `page`, then post `fields` to `action`; redirects are not followed."""
        html = self.get(page).text
        token = re.search(r'name="form_token" value="([^"]+)"', html)
        assert token is not None
        data = {"form_token": token[1], **fields}
        return self.post(action, data=data, follow_redirects=False)


@pytest.fixture
def counter() -> Counter:
    clock = FakeClock()
    return Counter(clock, NoDatabase(), UnitsDouble(), PickupDouble(clock), ActsDouble())


@pytest.fixture(scope="session")
def catalogues() -> Catalogues:
    return Catalogues.load(["foundation", "policies", "ca", "enrollment"], strict=True)


@pytest.fixture
def pages(catalogues: Catalogues, counter: Counter) -> Pages:
    environment = template_environment(["enrollment"], zone=SHANGHAI, static=StaticFiles())
    return Pages(environment, catalogues, counter.clock)


@pytest.fixture
def public(counter: Counter, pages: Pages) -> Browser:
    services = counter.services
    routers = [
        public_router(
            services,
            pages,
            portal_url="https://localhost:9443/",
            root_certificate=ROOT_CERTIFICATE,
        ),
        help_router(pages),
        public_api_router(services),
    ]
    return _browser(routers, pages, counter, None)


@pytest.fixture
def officer_desk(counter: Counter, pages: Pages, catalogues: Catalogues) -> Callable[..., Browser]:
    """Return the desk of an officer; keywords say which one."""

    def desk(*, role: str = "enrollment_officer", district: str | None = None) -> Browser:
        access = AccessPolicy.load()
        routers = [
            officer_router(counter.services, pages, access, SlipPdf(catalogues, SHANGHAI)),
            officer_api_router(counter.services, access),
        ]
        principal = Principal(
            "wang.fang", "王芳", "officer", roles=frozenset({role}), district=district
        )
        return _browser(routers, pages, counter, principal)

    return desk


def _browser(
    routers: list[APIRouter], pages: Pages, counter: Counter, principal: Principal | None
) -> Browser:
    app = FastAPI()
    app.router.routes.extend(StaticFiles().routes())
    for router in routers:
        app.include_router(router)
    problems = Problems(pages)
    install_problem_handlers(app, problems)
    stack = WebStack(
        refuse=problems.answer,
        clock=counter.clock,
        randomness=FakeRandomness(),
        session_cookie="__Host-certgate-session",
    )
    layered = stack.around(app, inner=[lambda inner: _As(inner, principal)])
    return Browser(layered, base_url="https://localhost:8443")


class _As:
    """Puts the principal on every request, as the gateway's session layer does."""

    def __init__(self, app: ASGIApp, principal: Principal | None) -> None:
        self._app = app
        self._principal = principal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope.setdefault("state", {})["principal"] = self._principal
        await self._app(scope, receive, send)
