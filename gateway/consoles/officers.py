"""The administrator's console: who is an officer, with which roles."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from enrollment.counter.slip_views import slip_page
from enrollment.services import EnrollmentServices
from enrollment.subscribers.districts import DISTRICTS
from enrollment.subscribers.officers import ROLES, OfficerApplication
from foundation.errors import Conflict, FieldError, Invalid
from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from policies.access import AccessPolicy, Resource
from policies.principal import principal_of

Short = Annotated[str, Form(max_length=64)]
Many = Annotated[list[str], Form(max_length=16)]
_HOME = "/officer/officers"


def officers_router(services: EnrollmentServices, pages: Pages, access: AccessPolicy) -> APIRouter:
    """Return the pages under ``/officer/officers``."""
    router = APIRouter(include_in_schema=False, prefix=_HOME)

    @router.get("")
    def find(
        request: Request,
        q: Annotated[str, Query(max_length=64)] = "",
        after: Annotated[str | None, Query(max_length=64)] = None,
    ) -> Response:
        access.require(principal_of(request), "list_officers")
        with services.database.reading() as session:
            page = services.officers.find(session, q, after=after)
        return pages.render(request, "gateway/officers.html", page=page, query=q, after=after)

    @router.get("/new")
    def form(request: Request) -> Response:
        access.require(principal_of(request), "manage_officers", Resource("Officer", "new"))
        return _form(request)

    @router.post("/new")
    def add(
        request: Request,
        username: Short = "",
        display_name: Short = "",
        district: Short = "",
        roles: Many = [],  # noqa: B006 - FastAPI copies defaults
    ) -> Response:
        """Register an officer and show the slip, once."""
        access.require(principal_of(request), "manage_officers", Resource("Officer", "new"))
        application = OfficerApplication(
            username=username,
            roles=tuple(roles),
            display_name=display_name or None,
            district=district or None,
        )
        try:
            with services.database.writing() as session:
                slip = services.officers.add(session, application, actor_of(request))
        except (Invalid, Conflict) as failure:
            errors = failure.fields or (FieldError("username", failure.code, failure.params),)
            return _form(request, application, errors)
        return slip_page(pages, request, slip, back=_HOME)

    @router.get("/{username}")
    def show(request: Request, username: str) -> Response:
        access.require(principal_of(request), "manage_officers", Resource("Officer", username))
        return _detail(request, username)

    @router.post("/{username}/roles")
    def change_roles(request: Request, username: str, roles: Many = []) -> Response:  # noqa: B006
        """Grant and revoke until the officer has exactly `roles`; it bites on the next request."""
        access.require(principal_of(request), "manage_officers", Resource("Officer", username))
        actor = actor_of(request)
        try:
            with services.database.writing() as session:
                present = set(services.officers.get(session, username).roles)
                for role in sorted(set(roles) - present):
                    services.officers.grant_role(session, username, role, actor)
                for role in sorted(present - set(roles)):
                    services.officers.revoke_role(session, username, role, actor)
        except (Invalid, Conflict) as failure:
            return _detail(request, username, (FieldError("roles", failure.code, failure.params),))
        return RedirectResponse(f"{_HOME}/{username}", 303)

    @router.post("/{username}/reissue")
    def reissue(
        request: Request, username: str, reason: Short = "", confirm_name: Short = ""
    ) -> Response:
        """Replace a lost credential: the old one is dead, the new slip is shown once."""
        access.require(principal_of(request), "manage_officers", Resource("Officer", username))
        if confirm_name.strip() != username:
            return _detail(request, username, (FieldError("confirm_name", "confirm-name-wrong"),))
        with services.database.writing() as session:
            slip = services.reissue.reissue(session, username, reason, actor_of(request))
        return slip_page(pages, request, slip, back=f"{_HOME}/{username}")

    def _form(
        request: Request,
        application: OfficerApplication | None = None,
        errors: tuple[FieldError, ...] = (),
    ) -> Response:
        return pages.render(
            request,
            "gateway/officer_new.html",
            422 if errors else 200,
            application=application or OfficerApplication("", ()),
            roles=ROLES,
            districts=DISTRICTS,
            errors=errors,
        )

    def _detail(request: Request, username: str, errors: tuple[FieldError, ...] = ()) -> Response:
        with services.database.reading() as session:
            officer = services.officers.get(session, username)
        return pages.render(
            request,
            "gateway/officer.html",
            409 if errors else 200,
            officer=officer,
            roles=ROLES,
            errors=errors,
        )

    return router
