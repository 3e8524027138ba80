"""The immediate status check as a fragment that htmx puts beside the field (BIZ-ADD-05)."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from foundation.errors import FieldError, Invalid
from foundation.web.pages import Pages
from policies.principal import principal_of
from workflow_core.modules.enrolment.status_check import StatusResult, check_status
from workflow_core.pages.fields import SubmittedFields, last_of
from workflow_core.services import WorkflowServices


def status_check_router(services: WorkflowServices, pages: Pages) -> APIRouter:
    """Return the check; it is a POST so that identity numbers never stand in a URL or a log."""
    router = APIRouter(prefix="/tasks")

    @router.post("/new/enrolment/check")
    def check(request: Request, fields: SubmittedFields) -> HTMLResponse:
        owner = services.own_tasks.require_owner(principal_of(request), "file_task")
        result: StatusResult | None = None
        wrong: FieldError | None = None
        with services.database.reading() as session:
            try:
                unverified = last_of(fields, "id_number")
                result = check_status(services.registry, session, owner, unverified)
            except Invalid as refusal:
                wrong = refusal.fields[0]
        return pages.render(
            request, "workflow_core/enrolment/status.html", check=result, wrong=wrong
        )

    return router
