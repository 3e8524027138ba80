"""The screens of a review officer: the queue, and one filing with its decision (REV-06)."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from foundation.errors import FieldError, Invalid
from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from policies.principal import principal_of
from workflow_core.api.documents import TaskId
from workflow_core.services import WorkflowServices
from workflow_core.tasks.reason import return_reason

_ROWS = 50


def officer_router(services: WorkflowServices, pages: Pages) -> APIRouter:
    """Return the pages under /officer/reviews."""
    router = APIRouter(prefix="/officer/reviews", include_in_schema=False)

    @router.get("")
    def queue(
        request: Request,
        q: Annotated[str, Query(max_length=200)] = "",
        after: Annotated[str | None, Query(max_length=32)] = None,
    ) -> HTMLResponse:
        principal = principal_of(request)
        with services.database.reading() as session:
            page = services.officer.list_waiting(
                session, principal, query=q, after=after, limit=_ROWS
            )
            onward = {"q": q, "after": page.next}
            return pages.render(
                request,
                "workflow_core/reviews.html",
                reviews=page.items,
                q=q,
                first_href="/officer/reviews" if after else None,
                next_href=f"/officer/reviews?{urlencode(onward)}" if page.next else None,
            )

    def show(
        request: Request,
        task_id: int,
        *,
        errors: Sequence[FieldError] = (),
        reason: str = "",
        status_code: int = 200,
    ) -> HTMLResponse:
        principal, translator = principal_of(request), pages.translator(request)
        with services.database.reading() as session:
            review = services.officer.get(session, principal, task_id)
            task = review.task
            module = services.modules.get(task.module)
            waits = task.state == "in_review"
            return pages.render(
                request,
                "workflow_core/review.html",
                status_code,
                review=review,
                task=task,
                module=module,
                waits=waits,
                findings=services.decisions.find_reasons(session, task) if waits else [],
                steps_taken=services.journal.steps_of(session, task),
                return_reason=return_reason(task, translator),
                errors=list(errors),
                reason=reason,
                choices=module.form.context(session, task.owner, translator),
            )

    @router.get("/{task_id}")
    def read(request: Request, task_id: TaskId) -> HTMLResponse:
        return show(request, task_id)

    @router.post("/{task_id}")
    def decide(
        request: Request,
        task_id: TaskId,
        decision: Annotated[str, Form(max_length=16)] = "",
        reason: Annotated[str, Form(max_length=4000)] = "",
    ) -> Response:
        principal, by = principal_of(request), actor_of(request)
        try:
            with services.database.writing() as session:
                if decision == "approve":
                    services.officer.approve(session, principal, task_id, by)
                elif decision == "reject":
                    services.officer.reject(session, principal, task_id, reason, by)
                else:
                    raise Invalid("decision-missing", field="decision")
        except Invalid as refusal:
            return show(request, task_id, errors=refusal.fields, reason=reason, status_code=422)
        return RedirectResponse(f"/officer/reviews/{task_id}", 303)

    return router
