"""Entering and saving on paper-like forms, one for each module (TASK-02 .. TASK-06)."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from foundation.errors import Conflict, Failure, FieldError, Invalid
from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from policies.principal import principal_of
from workflow_core.api.documents import TaskId
from workflow_core.modules import Module
from workflow_core.modules.enrolment.status_check import StatusResult, check_status
from workflow_core.pages.fields import SubmittedFields, last_of
from workflow_core.services import WorkflowServices
from workflow_core.tasks.models import Task
from workflow_core.tasks.states import OPEN


def filing_router(services: WorkflowServices, pages: Pages) -> APIRouter:
    """Return the pages that enter a new filing or change a saved one."""
    router = APIRouter()

    def show_form(
        request: Request,
        session: Session,
        module: Module,
        owner: str,
        *,
        values: dict[str, Any],
        task: Task | None = None,
        errors: Sequence[FieldError] = (),
        status_code: int = 200,
        check: StatusResult | None = None,
    ) -> HTMLResponse:
        return pages.render(
            request,
            module.form.template,
            status_code,
            module=module,
            task=task,
            values=values,
            errors=list(errors),
            locked=module.locked_fields if task else frozenset(),
            today=services.days.today(),
            check=check,
            choices=module.form.context(session, owner, pages.translator(request)),
        )

    @router.get("/new/{module_name}")
    def new(request: Request, module_name: str) -> HTMLResponse:
        owner = services.own_tasks.require_owner(principal_of(request), "file_task")
        module = services.modules.get(module_name)
        with services.database.reading() as session:
            return show_form(request, session, module, owner, values={})

    @router.post("/new/{module_name}")
    def create(request: Request, module_name: str, fields: SubmittedFields) -> Response:
        principal = principal_of(request)
        owner = services.own_tasks.require_owner(principal, "file_task")
        module = services.modules.get(module_name)
        values = module.form.from_fields(fields)
        if last_of(fields, "action") == "check":
            return show_check(request, module, owner, values)
        try:
            with services.database.writing() as session:
                task = services.drafts.create(
                    session, principal, module_name, values, actor_of(request)
                )
        except (Invalid, Conflict) as refusal:
            with services.database.reading() as session:
                return show_form(
                    request, session, module, owner,
                    values=values, errors=_errors_of(refusal), status_code=422,
                )  # fmt: skip
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
                return show_form(
                    request, session, module, owner,
                    values=values, errors=refusal.fields, status_code=422,
                )  # fmt: skip
            known = {"birth_date": result.number.birth_date.isoformat(), "sex": result.number.sex}
            filled = {**values, **{k: v for k, v in known.items() if not values.get(k)}}
            return show_form(request, session, module, owner, values=filled, check=result)

    @router.get("/{task_id}/edit")
    def edit(request: Request, task_id: TaskId) -> HTMLResponse:
        with services.database.reading() as session:
            task = services.own_tasks.get(session, principal_of(request), task_id, "file_task")
            if task.state not in OPEN:
                raise Conflict("task-not-editable")
            module = services.modules.get(task.module)
            return show_form(request, session, module, task.owner, values=task.data, task=task)

    @router.post("/{task_id}/edit")
    def save(request: Request, task_id: TaskId, fields: SubmittedFields) -> Response:
        principal = principal_of(request)
        with services.database.reading() as session:
            task = services.own_tasks.get(session, principal, task_id, "file_task")
            module = services.modules.get(task.module)
        values = module.form.from_fields(fields)
        version = last_of(fields, "version")
        try:
            with services.database.writing() as session:
                services.drafts.save(
                    session, principal, task_id, values, actor_of(request),
                    version=int(version) if version.isdecimal() and len(version) < 10 else None,
                )  # fmt: skip
        except Invalid as refusal:
            with services.database.reading() as session:
                return show_form(
                    request, session, module, task.owner,
                    values={**task.data, **values}, task=task,
                    errors=_errors_of(refusal), status_code=422,
                )  # fmt: skip
        return RedirectResponse(f"/tasks/{task_id}?saved=1", 303)

    return router


def _errors_of(refusal: Failure) -> Sequence[FieldError]:
    """Return the errors of the fields; a conflict is about the person as a whole."""
    return refusal.fields or (FieldError("id_number", refusal.code, refusal.params),)
