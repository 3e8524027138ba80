"""What every application has around its routes: pages, failures, health, middleware."""

from collections.abc import Callable, Collection, Mapping
from functools import partial

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp

from foundation.errors import Failure
from foundation.web.middleware.stack import WebStack
from foundation.web.pages import Pages, Variant, no_navigation
from foundation.web.problems import Problems, install_problem_handlers
from foundation.web.requests import actor_of
from foundation.web.static_files import StaticFiles
from foundation.web.templates import template_environment
from gateway.admission import SESSION_COOKIE
from gateway.composition.house import House
from gateway.edge.tokens.views import jwks_router
from gateway.portal.expiry_banner import ExpiryBanner

_WITH_TEMPLATES = ("enrollment", "workflow_core", "gateway")


class Frame:
    """Begins an application and dresses it when its routes are there."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._static = StaticFiles()
        self._environment = template_environment(
            _WITH_TEMPLATES, zone=house.ground.zone, static=self._static
        )
        self._environment.globals["public_url"] = house.ground.settings.public_url
        self._environment.globals["expiring_certificate"] = ExpiryBanner(
            house.ground.parameters.certificates.renewal_window,
            house.ground.clock,
            house.portal.navigation.home_of,
        ).of_request

    def application(self, title: str) -> FastAPI:
        """Return an application without routes."""
        return FastAPI(
            title=title,
            openapi_url="/api/openapi.json",
            docs_url=None,
            redoc_url=None,
            # Whoever posts a slip's credentials to another path than there is must
            # not be asked to post them again, to an address made of the Host header.
            redirect_slashes=False,
        )

    def pages(self, variant: Variant) -> Pages:
        """Return what renders the pages of a door."""
        ground = self._house.ground
        return Pages(
            self._environment,
            ground.catalogues,
            ground.clock,
            variant=variant,
            navigation=(
                self._house.portal.navigation.of_request if variant == "portal" else no_navigation
            ),
        )

    def noted_at(self, door: str) -> Callable[[Request, Failure], None]:
        """Return what records the refusals of a door that its admission has not recorded."""
        metrics = self._house.ground.observation.metrics

        def note(request: Request, failure: Failure) -> None:
            if metrics is not None:
                metrics.decided(door, failure.code)
            if not getattr(request.state, "refusal_noted", False):
                by, path = actor_of(request), request.scope["path"]
                self._house.refusals.note(failure, door, request.method, path, by)

        return note

    def decided_at(self, door: str, decision: str) -> Callable[[], None]:
        """Return what counts `decision` at a door."""
        metrics = self._house.ground.observation.metrics
        return (lambda: None) if metrics is None else partial(metrics.decided, door, decision)

    def add_common(self, app: FastAPI) -> None:
        """Add what people's doors have alike: keys of the edge's tokens, static files, health."""
        if self._house.edge_tokens is not None:
            signing = self._house.token_signing
            app.include_router(jwks_router(self._house.database, signing.keys, signing.assertions))
        app.router.routes.extend(self._static.routes())
        app.add_route("/healthz", _alive, methods=["GET"], include_in_schema=False)
        app.add_route("/readyz", self._ready, methods=["GET"], include_in_schema=False)

    def dressed(
        self,
        app: FastAPI,
        problems: Problems,
        *,
        hosts: tuple[str, ...] = (),
        inner: tuple[Callable[[ASGIApp], ASGIApp], ...] = (),
        larger_bodies: Mapping[str, int] | None = None,
        from_any_site: Collection[str] = (),
        without_head: Collection[str] = (),
        has_forms: bool = True,
    ) -> ASGIApp:
        """Return the application behind its middleware; `problems` answers every failure."""
        install_problem_handlers(app, problems, without_head=without_head)
        ground = self._house.ground
        stack = WebStack(
            refuse=problems.answer,
            clock=ground.clock,
            randomness=ground.randomness,
            session_cookie=SESSION_COOKIE if has_forms else None,
            hosts=hosts,
            larger_bodies=larger_bodies or {},
            # HSTS covers every port of a name: not where the same name serves
            # browsers plain HTTP, as on a developer's localhost.
            strict_transport=ground.settings.host != "localhost",
            from_any_site=from_any_site,
            without_head=without_head,
        )
        return stack.around(app, inner=inner)

    def _ready(self, _: Request) -> Response:
        # A database that is away raises, which is answered 503 as everywhere.
        current = self._house.is_ready()
        # A note does not make it unready: nothing stops for want of a checkpoint.
        notes = ["audit-checkpoint-failed"] if self._house.audit_keeping.has_failed else []
        return JSONResponse({"ready": current, "notes": notes}, 200 if current else 503)


def _alive(_: Request) -> Response:
    return PlainTextResponse("ok\n")
