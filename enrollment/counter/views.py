"""The enrollment counter: find units, enrol one, look at one (ENR-08 .. ENR-11, PER-03)."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response

from enrollment.counter.act_views import add_act_routes
from enrollment.counter.acts import acts_open_to, resource_of
from enrollment.counter.papers import ALWAYS, NEW_UNIT
from enrollment.counter.registration import register_unit
from enrollment.counter.slip_views import slip_page, slip_pdf_router
from enrollment.counter.unit_form import UnitForm
from enrollment.paper.slip_pdf import SlipPdf
from enrollment.services import EnrollmentServices
from enrollment.subscribers.districts import DISTRICTS
from enrollment.subscribers.units import INSURANCE_TYPES
from foundation.errors import Conflict, FieldError, Invalid
from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from policies.access import AccessPolicy, Resource
from policies.principal import Principal, principal_of

PAGE_LENGTH = 50


def officer_router(
    services: EnrollmentServices, pages: Pages, access: AccessPolicy, slip_pdf: SlipPdf
) -> APIRouter:
    """Return the pages under ``/officer/units`` and the slip's PDF."""
    router = APIRouter(include_in_schema=False)

    @router.get("/officer/units")
    def find(
        request: Request,
        q: Annotated[str, Query(max_length=200)] = "",
        district: Annotated[str, Query(max_length=100)] = "",
        after: Annotated[str | None, Query(max_length=100)] = None,
    ) -> Response:
        principal = principal_of(request)
        within = principal.district or district or None
        access.require(principal, "list_units", Resource("Unit", "*", district=within))
        with services.database.reading() as session:
            page = services.units.find(
                session, q.strip(), district=within, after=after, limit=PAGE_LENGTH
            )
        return pages.render(
            request,
            "enrollment/units.html",
            page=page,
            q=q,
            district=within or "",
            district_choices=_districts(request, principal),
            first_href=_list_href(q=q, district=district) if after else None,
            next_href=_list_href(q=q, district=district, after=page.next) if page.next else None,
        )

    @router.get("/officer/units/new")
    def blank_form(request: Request) -> Response:
        principal = principal_of(request)
        access.require(
            principal, "register_unit", Resource("Unit", "new", district=principal.district)
        )
        return _form(request, UnitForm.blank(principal.district))

    @router.post("/officer/units")
    def register(request: Request, form: Annotated[UnitForm, Form()]) -> Response:
        """Enrol the unit; the answer is the slip, shown this once (ENR-09, ENR-10)."""
        principal = principal_of(request)
        within = form.district or principal.district
        access.require(principal, "register_unit", Resource("Unit", "new", district=within))
        try:
            with services.database.writing() as session:
                slip = register_unit(
                    session,
                    services.units,
                    form.application(),
                    form.paper_errors(),
                    actor_of(request),
                )
        except Invalid as refused:
            return _form(request, form, UnitForm.errors_on_page(refused.fields))
        except Conflict as refused:
            return _form(request, form, [FieldError("credit_code", refused.code, refused.params)])
        return slip_page(pages, request, slip, back=f"/officer/units/{slip.username}")

    def _form(request: Request, form: UnitForm, errors: Sequence[FieldError] = ()) -> Response:
        t = pages.translator(request)
        return pages.render(
            request,
            "enrollment/unit_new.html",
            status_code=422 if errors else 200,
            form=form,
            errors=errors,
            district_choices=_districts(request, principal_of(request)),
            insurance_choices=[
                (name, t(f"enrollment.insurance.{name}")) for name in INSURANCE_TYPES
            ],
            paper_choices=[(name, t(f"enrollment.paper.{name}")) for name in ALWAYS],
            registration_choices=[(name, t(f"enrollment.paper.{name}")) for name in NEW_UNIT],
        )

    @router.get("/officer/units/{username}")
    def show(request: Request, username: str, done: str = "") -> Response:
        principal = principal_of(request)
        with services.database.reading() as session:
            unit = services.units.get(session, username)
        access.require(principal, "find_units", resource_of(unit))
        t = pages.translator(request)
        return pages.render(
            request,
            "enrollment/unit.html",
            unit=unit,
            acts=acts_open_to(principal, unit, access),
            insurance=[t(f"enrollment.insurance.{name}") for name in unit.insurance],
            done=done,
        )

    def _districts(request: Request, principal: Principal) -> list[tuple[str, str]]:
        """Return the districts to choose from: all, or the one the officer is bound to."""
        t = pages.translator(request)
        names = DISTRICTS if principal.district is None else (principal.district,)
        keys = [(name, f"district.{name}") for name in names]
        return [(name, t(key) if key in t else name) for name, key in keys]

    add_act_routes(router, services, pages, access)
    router.include_router(slip_pdf_router(access, slip_pdf))
    return router


def _list_href(**query: str | None) -> str:
    return "/officer/units?" + urlencode({name: value for name, value in query.items() if value})
