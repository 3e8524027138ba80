"""The home of a unit: what it can file, and its two lists (LOGIN-06, LOGIN-08)."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from foundation.web.pages import Pages
from policies.principal import principal_of
from workflow_core.services import WorkflowServices
from workflow_core.tasks.reason import return_reason

_ROWS = 10

Cursor = Annotated[str | None, Query(max_length=32)]


def home_router(services: WorkflowServices, pages: Pages) -> APIRouter:
    """Return the page /tasks."""
    router = APIRouter(prefix="/tasks")

    @router.get("")
    def home(
        request: Request, todo_after: Cursor = None, done_after: Cursor = None
    ) -> HTMLResponse:
        principal, translator = principal_of(request), pages.translator(request)
        with services.database.reading() as session:
            todo = services.lists.read(session, principal, "todo", after=todo_after, limit=_ROWS)
            done = services.lists.read(session, principal, "done", after=done_after, limit=_ROWS)
            unit = services.registry.units.find(session, principal.credit_code or "")
            employees = (
                services.registry.coverages.count_active(session, unit.credit_code) if unit else 0
            )
            return pages.render(
                request,
                "workflow_core/home.html",
                unit=unit,
                employees=employees,
                modules=list(services.modules),
                todo=todo,
                done=done,
                reasons={task.id: return_reason(task, translator) for task in todo.items},
                todo_next=_onward("todo_after", todo.next, "todo"),
                done_next=_onward("done_after", done.next, "done"),
                todo_after=todo_after,
                done_after=done_after,
            )

    return router


def _onward(name: str, cursor: str | None, anchor: str) -> str | None:
    return f"/tasks?{urlencode({name: cursor})}#{anchor}" if cursor else None
