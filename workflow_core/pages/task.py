"""One task: its check window, submission, result and withdrawal (TASK-06 .. TASK-19)."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from foundation.errors import Conflict, FieldError, Invalid, NotFound
from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from policies.principal import principal_of
from workflow_core.api.documents import TaskId
from workflow_core.services import WorkflowServices
from workflow_core.tasks.reason import return_reason
from workflow_core.tasks.states import OPEN


def task_router(services: WorkflowServices, pages: Pages) -> APIRouter:
    """Return the pages of a saved task."""
    router = APIRouter(prefix="/tasks")

    def show(
        request: Request,
        task_id: int,
        template: str,
        status_code: int = 200,
        *,
        saved: bool = False,
        errors: Sequence[FieldError] = (),
    ) -> HTMLResponse:
        principal, translator = principal_of(request), pages.translator(request)
        with services.database.reading() as session:
            task = services.own_tasks.get(session, principal, task_id, "see_own_record")
            module = services.modules.get(task.module)
            return pages.render(
                request,
                template,
                status_code,
                task=task,
                module=module,
                is_open=task.state in OPEN,
                reason=return_reason(task, translator),
                hints=services.hints.of(session, principal, task),
                steps_taken=services.journal.steps_of(session, task),
                saved=saved,
                errors=list(errors),
                choices=module.form.context(session, task.owner, translator),
            )

    @router.get("/{task_id}")
    def read(
        request: Request, task_id: TaskId, saved: Annotated[str, Query(max_length=8)] = ""
    ) -> HTMLResponse:
        return show(request, task_id, "workflow_core/task.html", saved=bool(saved))

    @router.get("/{task_id}/submit")
    def ask_before_submit(request: Request, task_id: TaskId) -> Response:
        """Ask "are you sure" (OTH-15); a task that cannot be submitted shows itself instead."""
        return show(request, task_id, "workflow_core/submit.html")

    @router.post("/{task_id}/submit")
    def submit(request: Request, task_id: TaskId) -> Response:
        try:
            with services.database.writing() as session:
                principal, by = principal_of(request), actor_of(request)
                services.submission.submit(session, principal, task_id, by)
        except Invalid as refusal:
            template = "workflow_core/submit.html"
            return show(request, task_id, template, 422, errors=refusal.fields)
        return RedirectResponse(f"/tasks/{task_id}/result", 303)

    @router.get("/{task_id}/result")
    def result(request: Request, task_id: TaskId) -> HTMLResponse:
        return show(request, task_id, "workflow_core/result.html")

    @router.get("/{task_id}/withdraw")
    def ask_before_withdraw(request: Request, task_id: TaskId) -> HTMLResponse:
        return show(request, task_id, "workflow_core/withdraw.html")

    @router.post("/{task_id}/withdraw")
    def withdraw(request: Request, task_id: TaskId) -> Response:
        with services.database.writing() as session:
            principal, by = principal_of(request), actor_of(request)
            services.submission.withdraw(session, principal, task_id, by)
        return RedirectResponse(f"/tasks/{task_id}", 303)

    @router.get("/{task_id}/form")
    def print_form(request: Request, task_id: TaskId) -> HTMLResponse:
        """Return the paper form of the filing (BIZ-ADD-02); a withdrawn filing has none."""
        with services.database.reading() as session:
            task = services.own_tasks.get(session, principal_of(request), task_id, "see_own_record")
            if task.state == "withdrawn":
                raise Conflict("task-withdrawn")
            template = services.modules.get(task.module).form.print_template
        if template is None:
            raise NotFound("form-not-printable")
        return show(request, task_id, template)

    return router
