"""Filing over JSON."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session

from foundation.web.documents import answer_with
from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from policies.principal import principal_of
from workflow_core.api.documents import (
    ChangedTask,
    NewTask,
    Notice,
    StatusCheck,
    StatusDocument,
    TaskDocument,
    TaskId,
    TaskList,
)
from workflow_core.modules.enrolment.status_check import check_status
from workflow_core.pagination import LONGEST_PAGE
from workflow_core.services import WorkflowServices
from workflow_core.tasks.lists import ListName
from workflow_core.tasks.models import Task


def tasks_router(services: WorkflowServices, pages: Pages) -> APIRouter:
    """Return the calls of a unit on its own tasks."""
    router = APIRouter(prefix="/tasks", tags=["tasks"])

    def document(request: Request, session: Session, task: Task) -> TaskDocument:
        hints = services.hints.of(session, principal_of(request), task)
        return TaskDocument.of(task, pages.translator(request), hints)

    @router.post("", status_code=201)
    def create(request: Request, wanted: NewTask) -> TaskDocument:
        """Save a new filing as a draft; nothing reaches the agency yet (TASK-02)."""
        principal, by = principal_of(request), actor_of(request)
        with services.database.writing() as session:
            task = services.drafts.create(session, principal, wanted.module, wanted.data, by)
            return document(request, session, task)

    @router.get("", response_model=TaskList)
    def read_list(
        request: Request,
        list_name: Annotated[ListName, Query(alias="list")] = "todo",
        after: Annotated[str | None, Query(max_length=32)] = None,
        limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE)] = 20,
    ) -> Response:
        """Return a page of the to-do or the done list, the newest first."""
        principal, translator = principal_of(request), pages.translator(request)
        with services.database.reading(once=True) as session:
            page = services.lists.read(session, principal, list_name, after=after, limit=limit)
            items = [TaskDocument.of(task, translator) for task in page.items]
        return answer_with(TaskList(items=items, next=page.next))

    @router.post("/checks/enrolment")
    def check(request: Request, wanted: StatusCheck) -> StatusDocument:
        """Say whether a person is free to be enrolled, before anything is saved (BIZ-ADD-05)."""
        owner = services.own_tasks.require_owner(principal_of(request), "file_task")
        with services.database.reading() as session:
            result = check_status(services.registry, session, owner, wanted.id_number)
        translator = pages.translator(request)
        return StatusDocument(
            id_number=result.number.text,
            free=result.finding is None,
            renewal=result.is_renewal,
            birth_date=result.number.birth_date.isoformat(),
            sex=result.number.sex,
            reason=Notice.of(result.finding, translator) if result.finding else None,
        )

    @router.get("/{task_id}")
    def read(request: Request, task_id: TaskId) -> TaskDocument:
        """Return one of the unit's own tasks."""
        principal = principal_of(request)
        with services.database.reading() as session:
            task = services.own_tasks.get(session, principal, task_id, "see_own_record")
            return document(request, session, task)

    @router.put("/{task_id}")
    def save(request: Request, task_id: TaskId, changed: ChangedTask) -> TaskDocument:
        """Save a draft or returned filing again (TASK-03)."""
        principal, by = principal_of(request), actor_of(request)
        with services.database.writing() as session:
            task = services.drafts.save(
                session, principal, task_id, changed.data, by, version=changed.version
            )
            return document(request, session, task)

    @router.post("/{task_id}/submit")
    def submit(request: Request, task_id: TaskId) -> TaskDocument:
        """Submit for approval (TASK-09)."""
        principal, by = principal_of(request), actor_of(request)
        with services.database.writing() as session:
            task = services.submission.submit(session, principal, task_id, by)
            return document(request, session, task)

    @router.post("/{task_id}/withdraw")
    def withdraw(request: Request, task_id: TaskId) -> TaskDocument:
        """Cancel a draft or returned filing (TASK-10)."""
        principal, by = principal_of(request), actor_of(request)
        with services.database.writing() as session:
            task = services.submission.withdraw(session, principal, task_id, by)
            return document(request, session, task)

    return router
