"""The portal's task and review pages in front of a test agency, without login."""

from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from fastapi.testclient import TestClient
from jinja2 import Environment
from starlette.types import ASGIApp, Receive, Scope, Send

from foundation.i18n import Catalogues
from foundation.web.pages import Pages
from foundation.web.problems import Problems, install_problem_handlers
from foundation.web.static_files import StaticFiles
from foundation.web.templates import template_environment
from policies.principal import Principal
from tests.support.workflow import Agency
from workflow_core.api import api_router
from workflow_core.pages import officer_router, unit_router

PACKAGES = ("foundation", "policies", "enrollment", "workflow_core")


@cache
def _environment() -> Environment:
    zone = ZoneInfo("Asia/Shanghai")
    return template_environment(PACKAGES, zone=zone, static=StaticFiles())


@cache
def _catalogues() -> Catalogues:
    return Catalogues.load(PACKAGES, strict=True)


@dataclass
class _AsPrincipal:
    """Stands where the gateway's session layer stands."""

    app: ASGIApp
    principal: Principal
    language: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the principal and what the web layers give on the request."""
        state = scope.setdefault("state", {})
        state.update(principal=self.principal, language=self.language, form_token="token")
        await self.app(scope, receive, send)


@dataclass
class Portal:
    """Opens clients for different people on one agency."""

    agency: Agency

    def __post_init__(self) -> None:
        """Build the application once; texts that are missing raise."""
        pages = Pages(_environment(), _catalogues(), self.agency.clock)
        self.app = FastAPI()
        install_problem_handlers(self.app, Problems(pages))
        for router in (unit_router, officer_router, api_router):
            self.app.include_router(router(self.agency.services, pages))

    def client(self, principal: Principal, language: str = "zh") -> TestClient:
        """Return a client that is logged in as `principal`."""
        return TestClient(_AsPrincipal(self.app, principal, language), follow_redirects=False)
