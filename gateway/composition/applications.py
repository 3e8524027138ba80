"""The three applications behind the three doors."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
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
from foundation.web.pages import Pages
from foundation.web.problems import Problems
from gateway.admission import AdmissionLayer
from gateway.bulk_revocation.serial_list import LARGEST_UPLOAD
from gateway.composition.frame import Frame
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
from gateway.edge.link.outage import outage
from gateway.edge.tokens import paths as edge_paths
from gateway.edge.tokens.application_hosts import ApplicationHosts
from gateway.edge.tokens.views import edge_tokens_router
from gateway.login import continuation
from gateway.openid import addresses as openid_paths
from gateway.openid.web.failures import openid_failure
from gateway.openid.web.machine_routes import machine_router, published_router
from gateway.openid.web.people_routes import people_router
from gateway.portal.api import portal_api_router
from gateway.portal.views import portal_router
from workflow_core.api import api_router as workflow_api_router
from workflow_core.pages import officer_router as review_router
from workflow_core.pages import unit_router

_LISTS_OF_SERIAL_NUMBERS = ("/security/bulk/list", "/api/v1/bulk-revocations/dry-runs/list")
# The file and, in a form, the little around it.
_LARGEST_LIST = LARGEST_UPLOAD + 8 * 1024
# Tickets are redeemed, tokens and codes made, and where to go on is forgotten.
_USED_UP = (
    edge_paths.RENEWAL, edge_paths.VISIT, openid_paths.AUTHORIZE, continuation.CONTINUE,
)  # fmt: skip
_REDIRECTS = {"login-required": "/login", "password-change-required": "/password"}


class Applications:
    """Builds the ASGI application of each door."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._hosts = tuple(server_names(house.ground.settings))
        self._frame = Frame(house)

    def pki(self) -> ASGIApp:
        """Return the application of the PKI door: public facts over plain HTTP."""
        pages = self._frame.pages("public")
        app = self._frame.application("CertGate PKI")
        app.include_router(self._house.certification.pki_routes())
        problems = Problems(pages, on_failure=self._frame.noted_at("pki"))
        # Over plain HTTP there is nobody to know, and a Secure cookie is ignored.
        return self._frame.dressed(app, problems, has_forms=False)

    def public(self) -> ASGIApp:
        """Return the application of the public door: pickup and help, no certificate."""
        house = self._house
        pages = self._frame.pages("public")
        app = self._frame.application("CertGate public")
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
        self._frame.add_common(app)
        problems = Problems(pages, on_failure=self._frame.noted_at("public"), otherwise=_prescribed)
        return self._frame.dressed(app, problems, hosts=self._hosts)

    def outage(self) -> ASGIApp:
        """Return what answers over a link while the database cannot say whose it is."""
        ground, pages = self._house.ground, self._frame.pages("public")
        problems = Problems(pages, otherwise=_prescribed)
        return outage(problems.answer, ground.clock, ground.randomness)

    def portal(self) -> ASGIApp:
        """Return the application of the portal: nothing without a good certificate."""
        house = self._house
        pages = self._frame.pages("portal")
        app = self._frame.application("CertGate portal")
        for router in self._portal_routers(pages):
            app.include_router(router)
        if house.edge_tokens is not None:
            app.include_router(edge_tokens_router(house.edge_tokens))
        self._frame.add_common(app)
        problems = Problems(
            pages,
            redirects=_REDIRECTS,
            on_failure=self._frame.noted_at("portal"),
            otherwise=_prescribed,
        )

        def admission(inner: ASGIApp) -> ASGIApp:
            return AdmissionLayer(
                inner,
                admission=house.admission,
                refuse=problems.answer,
                refusals=house.refusals,
                observer=house.ground.observation.observer,
                on_admitted=self._frame.decided_at("portal", "admitted"),
            )

        def application_hosts(inner: ASGIApp) -> ASGIApp:
            return ApplicationHosts(inner, refuse=problems.answer, hosts=visited)

        visited = house.read_routes().hosts() if house.edge_tokens is not None else frozenset()
        return self._frame.dressed(
            app,
            problems,
            hosts=(*self._hosts, *visited),
            inner=(application_hosts, admission),
            larger_bodies=dict.fromkeys(_LISTS_OF_SERIAL_NUMBERS, _LARGEST_LIST),
            from_any_site=openid_paths.FROM_ANY_SITE,
            without_head=_USED_UP,
        )

    def _portal_routers(self, pages: Pages) -> tuple[APIRouter, ...]:
        house, ground, acts = self._house, self._house.ground, self._house.officer_acts
        access = ground.access
        slip_pdf = SlipPdf(ground.catalogues, ground.zone)
        return (
            # Programs first, and what is asked most: routes are tried in their order.
            portal_api_router(house.portal),
            workflow_api_router(house.workflow, pages),
            est_router(house.enrollment, house.ground.randomness),
            machine_router(house.openid),
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
        )


def _prescribed(request: Request, failure: Failure, t: Translator) -> Response | None:
    """Return the answer that a protocol prescribes at this path, or None."""
    return openid_failure(request, failure, t) or est_failure(request, failure, t)
