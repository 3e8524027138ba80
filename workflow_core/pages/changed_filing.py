"""Changing a saved or returned filing (TASK-03, TASK-07, TASK-08, TASK-18)."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from foundation.errors import Conflict, Invalid
from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from policies.principal import principal_of
from workflow_core.api.documents import TaskId
from workflow_core.pages.fields import Fields, SubmittedFields, last_of
from workflow_core.pages.filing_form import FilingForm
from workflow_core.services import WorkflowServices
from workflow_core.tasks.states import OPEN


def changed_filing_router(services: WorkflowServices, pages: Pages) -> APIRouter:
    """Return the pages /tasks/{id}/edit."""
    router = APIRouter(prefix="/tasks")
    form = FilingForm(services, pages)

    def show(
        request: Request, task_id: int, fields: Fields | None = None, refusal: Invalid | None = None
    ) -> HTMLResponse:
        with services.database.reading() as session:
            task = services.own_tasks.get(session, principal_of(request), task_id, "file_task")
            if task.state not in OPEN:
                raise Conflict("task-not-editable")
            module = services.modules.get(task.module)
            typed = module.form.from_fields(fields) if fields else {}
            values = {**task.data, **typed}
            return form.show(
                request, session, module, task.owner, values=values, task=task, refusal=refusal
            )

    @router.get("/{task_id}/edit")
    def edit(request: Request, task_id: TaskId) -> HTMLResponse:
        return show(request, task_id)

    @router.post("/{task_id}/edit")
    def save(request: Request, task_id: TaskId, fields: SubmittedFields) -> Response:
        principal, by = principal_of(request), actor_of(request)
        try:
            with services.database.writing() as session:
                task = services.own_tasks.get(session, principal, task_id, "file_task")
                values = services.modules.get(task.module).form.from_fields(fields)
                seen = _version(last_of(fields, "version"))
                services.drafts.save(session, principal, task_id, values, by, version=seen)
        except Invalid as refusal:
            return show(request, task_id, fields, refusal)
        return RedirectResponse(f"/tasks/{task_id}?saved=1", 303)

    return router


def _version(unverified_text: str) -> int | None:
    is_number = unverified_text.isascii() and unverified_text.isdigit()
    return int(unverified_text) if is_number and len(unverified_text) < 10 else None
