"""The administrator's pages of applications: register, see for whom, change keys, end one.

The rules are those of the command and the JSON interface (docs/applications.md).
"""

from typing import Annotated, get_args

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from enrollment.subscribers.officers import ROLES
from foundation.database import Database
from foundation.errors import Conflict, FieldError, Invalid
from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from gateway.consoles.application_form import ApplicationForm, Pasted, errors_of
from gateway.openid.addresses import METADATA
from gateway.openid.keys import ALGORITHMS
from gateway.openid.registration import RelyingParties, read_registration, split_pasted
from gateway.openid.registration.tls_names import TLS_FIELDS
from policies.access import AccessPolicy, Resource
from policies.principal import Kind, UnitClass, principal_of

HOME = "/officer/applications"
# No application can be called so (its identifier begins with a letter or a digit).
NEW = "/-new"
Short = Annotated[str, Form(max_length=64)]


def applications_router(
    database: Database, parties: RelyingParties, issuer: str, pages: Pages, access: AccessPolicy
) -> APIRouter:
    """Return the pages under ``/officer/applications``; `issuer` is what applications are told."""
    router = APIRouter(include_in_schema=False, prefix=HOME)

    @router.get("")
    def list_all(request: Request) -> Response:
        access.require(principal_of(request), "list_applications")
        with database.reading() as session:
            applications = parties.all(session)
        return pages.render(
            request,
            "gateway/applications.html",
            applications=applications,
            may_register=_may_manage(request, "new"),
        )

    @router.get(NEW)
    def form(request: Request) -> Response:
        _require_manager(request, "new")
        return _form(request, ApplicationForm())

    @router.post(NEW)
    def register(request: Request, form: Annotated[ApplicationForm, Form()]) -> Response:
        """Register an application and show it, with what it has to be told."""
        _require_manager(request, "new")
        try:
            application = read_registration(form.registration())
            with database.writing() as session:
                parties.register(session, application, actor_of(request))
        except (Invalid, Conflict) as failure:
            return _form(request, form.shown_again(), errors_of(failure))
        return RedirectResponse(f"{HOME}/{application.client_id}", 303)

    @router.get("/{client_id}")
    def show(request: Request, client_id: str) -> Response:
        access.require(principal_of(request), "list_applications")
        return _detail(request, client_id)

    @router.post("/{client_id}/keys")
    def rotate(request: Request, client_id: str, keys: Annotated[Pasted, Form()] = "") -> Response:
        """Let only these keys count from now on."""
        _require_manager(request, client_id)
        try:
            with database.writing() as session:
                parties.rotate(session, client_id, split_pasted(keys), actor_of(request))
        except Invalid as failure:
            return _detail(request, client_id, errors_of(failure))
        return RedirectResponse(f"{HOME}/{client_id}", 303)

    @router.post("/{client_id}/remove")
    def remove(request: Request, client_id: str, confirm_name: Short = "") -> Response:
        """Forget an application; its tokens end with it."""
        _require_manager(request, client_id)
        if confirm_name.strip() != client_id:
            return _detail(request, client_id, (FieldError("confirm_name", "confirm-name-wrong"),))
        with database.writing() as session:
            parties.remove(session, client_id, actor_of(request))
        return RedirectResponse(HOME, 303)

    def _form(
        request: Request, typed: ApplicationForm, errors: tuple[FieldError, ...] = ()
    ) -> Response:
        return pages.render(
            request,
            "gateway/application_new.html",
            422 if errors else 200,
            form=typed,
            tls_fields=TLS_FIELDS,
            algorithms=ALGORITHMS,
            kinds=get_args(Kind),
            roles=ROLES,
            unit_classes=get_args(UnitClass),
            errors=errors,
        )

    def _detail(request: Request, client_id: str, errors: tuple[FieldError, ...] = ()) -> Response:
        with database.reading() as session:
            application = parties.get(session, client_id)
        return pages.render(
            request,
            "gateway/application.html",
            422 if errors else 200,
            application=application,
            issuer=issuer,
            metadata=issuer + METADATA,
            may_manage=_may_manage(request, client_id),
            errors=errors,
        )

    def _require_manager(request: Request, client_id: str) -> None:
        resource = Resource("Application", client_id[:64])
        access.require(principal_of(request), "manage_applications", resource)

    def _may_manage(request: Request, client_id: str) -> bool:
        resource = Resource("Application", client_id[:64])
        return access.allows(principal_of(request), "manage_applications", resource)

    return router
