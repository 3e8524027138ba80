"""The administrator's view of applications: which there are, for whom, and an end to one.

Registered are they by command: a page would have to carry key files, and the
command's user holds the installation anyway (docs/applications.md).
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from foundation.database import Database
from foundation.errors import FieldError
from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from gateway.openid.registration import RelyingParties
from policies.access import AccessPolicy, Resource
from policies.principal import principal_of

HOME = "/officer/applications"
Short = Annotated[str, Form(max_length=64)]


def applications_router(
    database: Database, parties: RelyingParties, pages: Pages, access: AccessPolicy
) -> APIRouter:
    """Return the pages under ``/officer/applications``."""
    router = APIRouter(include_in_schema=False, prefix=HOME)

    @router.get("")
    def list_all(request: Request) -> Response:
        access.require(principal_of(request), "list_applications")
        with database.reading() as session:
            applications = parties.all(session)
        return pages.render(request, "gateway/applications.html", applications=applications)

    @router.get("/{client_id}")
    def show(request: Request, client_id: str) -> Response:
        access.require(principal_of(request), "list_applications")
        return _detail(request, client_id)

    @router.post("/{client_id}/remove")
    def remove(request: Request, client_id: str, confirm_name: Short = "") -> Response:
        """Forget an application; its tokens end with it."""
        resource = Resource("Application", client_id)
        access.require(principal_of(request), "manage_applications", resource)
        if confirm_name.strip() != client_id:
            return _detail(request, client_id, (FieldError("confirm_name", "confirm-name-wrong"),))
        with database.writing() as session:
            parties.remove(session, client_id, actor_of(request))
        return RedirectResponse(HOME, 303)

    def _detail(request: Request, client_id: str, errors: tuple[FieldError, ...] = ()) -> Response:
        principal = principal_of(request)
        with database.reading() as session:
            application = parties.get(session, client_id)
        return pages.render(
            request,
            "gateway/application.html",
            422 if errors else 200,
            application=application,
            may_remove=access.allows(
                principal, "manage_applications", Resource("Application", client_id)
            ),
            errors=errors,
        )

    return router
