"""Entering a filing and saving it for the first time (TASK-02, TASK-05, TASK-06)."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from foundation.errors import Conflict, Invalid
from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from policies.principal import principal_of
from workflow_core.modules import Module
from workflow_core.modules.enrolment.status_check import check_status
from workflow_core.pages.fields import SubmittedFields, last_of
from workflow_core.pages.filing_form import FilingForm
from workflow_core.services import WorkflowServices


def new_filing_router(services: WorkflowServices, pages: Pages) -> APIRouter:
    """Return the pages under /tasks/new."""
    router = APIRouter(prefix="/tasks/new")
    form = FilingForm(services, pages)

    @router.get("/{module_name}")
    def new(request: Request, module_name: str) -> HTMLResponse:
        owner = services.own_tasks.require_owner(principal_of(request), "file_task")
        module = services.modules.get(module_name)
        with services.database.reading() as session:
            return form.show(request, session, module, owner, values={})

    @router.post("/{module_name}")
    def create(request: Request, module_name: str, fields: SubmittedFields) -> Response:
        principal, by = principal_of(request), actor_of(request)
        owner = services.own_tasks.require_owner(principal, "file_task")
        module = services.modules.get(module_name)
        values = module.form.from_fields(fields)
        if last_of(fields, "action") == "check":
            return show_check(request, module, owner, values)
        try:
            with services.database.writing() as session:
                task = services.drafts.create(session, principal, module_name, values, by)
        except (Invalid, Conflict) as refusal:
            with services.database.reading() as session:
                return form.show(request, session, module, owner, values=values, refusal=refusal)
        return RedirectResponse(f"/tasks/{task.id}?saved=1", 303)

    def show_check(
        request: Request, module: Module, owner: str, values: dict[str, Any]
    ) -> HTMLResponse:
        """Without a script, the button beside the identity number asks for the same check."""
        unverified = str(values.get("id_number", ""))
        with services.database.reading() as session:
            try:
                result = check_status(services.registry, session, owner, unverified)
            except Invalid as refusal:
                return form.show(request, session, module, owner, values=values, refusal=refusal)
            known = {"birth_date": result.number.birth_date.isoformat(), "sex": result.number.sex}
            filled = {**values, **{name: known[name] for name in known if not values.get(name)}}
            return form.show(request, session, module, owner, values=filled, check=result)

    return router
