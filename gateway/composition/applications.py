"""The three applications behind the three doors."""

from collections.abc import Callable, Collection, Mapping
from functools import partial

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp

from enrollment.counter.api import officer_api_router
from enrollment.counter.views import officer_router as enrollment_router
from enrollment.est.answers import est_failure
from enrollment.est.views import est_router
from enrollment.paper.slip_pdf import SlipPdf
from enrollment.public.api import public_api_router
from enrollment.public.help_views import help_router
from enrollment.public.views import public_router
from enrollment.renewal.views import renewal_router
from foundation.errors import Failure
from foundation.i18n import Translator
from foundation.web.middleware.stack import WebStack
from foundation.web.pages import Pages, Variant, no_navigation
from foundation.web.problems import Problems, install_problem_handlers
from foundation.web.requests import actor_of
from foundation.web.static_files import StaticFiles
from foundation.web.templates import template_environment
from gateway.admission_layer import SESSION_COOKIE, AdmissionLayer
from gateway.bulk_revocation.serial_list import LARGEST_UPLOAD
from gateway.composition.house import House
from gateway.composition.profiles import server_names
from gateway.consoles.applications import applications_router
from gateway.consoles.applications_api import applications_api_router
from gateway.consoles.approvals import approvals_router
from gateway.consoles.approvals_api import approvals_api_router
from gateway.consoles.audit import audit_router
from gateway.consoles.bulk import bulk_router
from gateway.consoles.bulk_api import bulk_api_router
from gateway.consoles.certificates import certificates_router
from gateway.consoles.certificates_api import certificates_api_router
from gateway.consoles.officers import officers_router
from gateway.edge.tokens.application_hosts import ApplicationHosts
from gateway.edge.tokens.views import edge_tokens_router, jwks_router
from gateway.openid import addresses as openid_paths
from gateway.openid.web.failures import openid_failure
from gateway.openid.web.machine_routes import machine_router, published_router
from gateway.openid.web.people_routes import people_router
from gateway.portal.api import portal_api_router
from gateway.portal.expiry_banner import ExpiryBanner
from gateway.portal.views import portal_router
from workflow_core.api import api_router as workflow_api_router
from workflow_core.pages import officer_router as review_router
from workflow_core.pages import unit_router

_WITH_TEMPLATES = ("enrollment", "workflow_core", "gateway")
_LISTS_OF_SERIAL_NUMBERS = ("/security/bulk/list", "/api/v1/bulk-revocations/dry-runs/list")
# The file and, in a form, the little around it.
_LARGEST_LIST = LARGEST_UPLOAD + 8 * 1024
_REDIRECTS = {"login-required": "/login", "password-change-required": "/password"}


class Applications:
    """Builds the ASGI application of each door."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._hosts = tuple(server_names(house.ground.settings))
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

    def pki(self) -> ASGIApp:
        """Return the application of the PKI door: public facts over plain HTTP."""
        pages = self._pages("public")
        app = self._application("CertGate PKI")
        app.include_router(self._house.certification.pki_routes())
        return self._dressed(app, Problems(pages, on_failure=self._noted_at("pki")))

    def public(self) -> ASGIApp:
        """Return the application of the public door: pickup and help, no certificate."""
        house = self._house
        pages = self._pages("public")
        app = self._application("CertGate public")
        app.include_router(
            public_router(
                house.enrollment,
                pages,
                portal_url=house.ground.settings.portal_url,
                root_certificate=house.certification.root_der(),
            )
        )
        app.include_router(help_router(pages))
        app.include_router(public_api_router(house.enrollment))
        app.include_router(est_router(house.enrollment, house.ground.randomness))
        app.include_router(published_router(house.openid))
        app.include_router(machine_router(house.openid))
        self._add_edge(app)
        self._add_common(app)
        problems = Problems(pages, on_failure=self._noted_at("public"), otherwise=_prescribed)
        return self._dressed(app, problems, hosts=self._hosts)

    def portal(self) -> ASGIApp:
        """Return the application of the portal: nothing without a good certificate."""
        house = self._house
        access = house.ground.access
        pages = self._pages("portal")
        app = self._application("CertGate portal")
        acts, ground = house.officer_acts, house.ground
        slip_pdf = SlipPdf(house.ground.catalogues, house.ground.zone)
        for router in (
            # Programs first: routes are tried in their order.
            est_router(house.enrollment, house.ground.randomness),
            machine_router(house.openid),
            portal_api_router(house.portal),
            workflow_api_router(house.workflow, pages),
            officer_api_router(house.enrollment, access),
            certificates_api_router(acts.credentials, pages, ground.clock, ground.zone),
            bulk_api_router(acts.bulk, pages),
            approvals_api_router(acts.approvals, house.database),
            portal_router(house.portal, pages),
            people_router(house.openid, house.portal.logout, house.portal.cookies, pages),
            unit_router(house.workflow, pages),
            review_router(house.workflow, pages),
            enrollment_router(house.enrollment, pages, access, slip_pdf),
            renewal_router(house.enrollment, pages),
            certificates_router(acts.credentials, pages, ground.clock, ground.zone),
            bulk_router(acts.bulk, pages),
            approvals_router(acts.approvals, house.database, pages),
            officers_router(house.enrollment, pages, access),
            applications_api_router(house.database, house.openid.parties, access),
            applications_router(
                house.database,
                house.openid.parties,
                house.openid.addresses.issuer,
                pages,
                access,
            ),
            audit_router(house.database, pages, access, house.audit_keeping),
        ):
            app.include_router(router)
        if house.edge_tokens is not None:
            app.include_router(edge_tokens_router(house.edge_tokens))
        self._add_edge(app)
        self._add_common(app)
        problems = Problems(
            pages,
            redirects=_REDIRECTS,
            on_failure=self._noted_at("portal"),
            otherwise=_prescribed,
        )

        def admission(inner: ASGIApp) -> ASGIApp:
            return AdmissionLayer(
                inner,
                admission=house.admission,
                refuse=problems.answer,
                refusals=house.refusals,
                observer=ground.observation.observer,
                on_admitted=self._decided_at("portal", "admitted"),
            )

        def application_hosts(inner: ASGIApp) -> ASGIApp:
            return ApplicationHosts(inner, refuse=problems.answer, hosts=visited)

        visited = house.read_routes().hosts() if house.edge_tokens is not None else frozenset()
        return self._dressed(
            app,
            problems,
            hosts=(*self._hosts, *visited),
            inner=(application_hosts, admission),
            larger_bodies=dict.fromkeys(_LISTS_OF_SERIAL_NUMBERS, _LARGEST_LIST),
            from_any_site=openid_paths.FROM_ANY_SITE,
        )

    def _application(self, title: str) -> FastAPI:
        return FastAPI(title=title, openapi_url="/api/openapi.json", docs_url=None, redoc_url=None)

    def _pages(self, variant: Variant) -> Pages:
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

    def _noted_at(self, door: str) -> Callable[[Request, Failure], None]:
        """Return what records the refusals of a door that its admission has not recorded."""
        metrics = self._house.ground.observation.metrics

        def note(request: Request, failure: Failure) -> None:
            if metrics is not None:
                metrics.decided(door, failure.code)
            if not getattr(request.state, "refusal_noted", False):
                by, path = actor_of(request), request.scope["path"]
                self._house.refusals.note(failure, door, request.method, path, by)

        return note

    def _decided_at(self, door: str, decision: str) -> Callable[[], None]:
        metrics = self._house.ground.observation.metrics
        return (lambda: None) if metrics is None else partial(metrics.decided, door, decision)

    def _add_common(self, app: FastAPI) -> None:
        app.router.routes.extend(self._static.routes())
        app.add_route("/healthz", _alive, methods=["GET"], include_in_schema=False)
        app.add_route("/readyz", self._ready, methods=["GET"], include_in_schema=False)

    def _add_edge(self, app: FastAPI) -> None:
        if self._house.edge_tokens is not None:
            signing = self._house.token_signing
            app.include_router(jwks_router(self._house.database, signing.keys, signing.assertions))

    def _ready(self, _: Request) -> Response:
        # A database that is away raises, which is answered 503 as everywhere.
        current = self._house.is_ready()
        # A note does not make it unready: nothing stops for want of a checkpoint.
        notes = ["audit-checkpoint-failed"] if self._house.audit_keeping.has_failed else []
        return JSONResponse({"ready": current, "notes": notes}, 200 if current else 503)

    def _dressed(
        self,
        app: FastAPI,
        problems: Problems,
        *,
        hosts: tuple[str, ...] = (),
        inner: tuple[Callable[[ASGIApp], ASGIApp], ...] = (),
        larger_bodies: Mapping[str, int] | None = None,
        from_any_site: Collection[str] = (),
    ) -> ASGIApp:
        install_problem_handlers(app, problems)
        ground = self._house.ground
        stack = WebStack(
            refuse=problems.answer,
            clock=ground.clock,
            randomness=ground.randomness,
            session_cookie=SESSION_COOKIE,
            hosts=hosts,
            larger_bodies=larger_bodies or {},
            # HSTS covers every port of a name: not where the same name serves
            # browsers plain HTTP, as on a developer's localhost.
            strict_transport=ground.settings.host != "localhost",
            from_any_site=from_any_site,
        )
        return stack.around(app, inner=inner)


def _prescribed(request: Request, failure: Failure, t: Translator) -> Response | None:
    """Return the answer that a protocol prescribes at this path, or None."""
    return openid_failure(request, failure, t) or est_failure(request, failure, t)


def _alive(_: Request) -> Response:
    return PlainTextResponse("ok\n")
