"""Reviewing over JSON."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from foundation.errors import Invalid
from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from policies.principal import principal_of
from workflow_core.api.documents import Decision, ReviewDocument, ReviewList, TaskId
from workflow_core.pagination import LONGEST_PAGE
from workflow_core.services import WorkflowServices


def reviews_router(services: WorkflowServices, pages: Pages) -> APIRouter:
    """Return the calls of a review officer."""
    router = APIRouter(prefix="/reviews", tags=["reviews"])

    @router.get("")
    def read_list(
        request: Request,
        q: Annotated[str, Query(max_length=200)] = "",
        module: Annotated[str | None, Query(max_length=64)] = None,
        after: Annotated[str | None, Query(max_length=32)] = None,
        limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE)] = 20,
    ) -> ReviewList:
        """Return what waits in the officer's district, the longest waiting first."""
        principal, translator = principal_of(request), pages.translator(request)
        with services.database.reading() as session:
            page = services.officer.list_waiting(
                session, principal, query=q, module=module, after=after, limit=limit
            )
            items = [ReviewDocument.of_review(review, translator) for review in page.items]
        return ReviewList(items=items, next=page.next)

    @router.get("/{task_id}")
    def read(request: Request, task_id: TaskId) -> ReviewDocument:
        """Return one filing that was handed to an officer."""
        principal, translator = principal_of(request), pages.translator(request)
        with services.database.reading() as session:
            review = services.officer.get(session, principal, task_id)
            return ReviewDocument.of_review(review, translator)

    @router.post("/{task_id}")
    def decide(request: Request, task_id: TaskId, wanted: Decision) -> ReviewDocument:
        """Approve a filing, or return it with a reason; of two decisions one is refused."""
        if wanted.rows:
            raise Invalid("review-rows-not-batch", field="rows")
        principal, by = principal_of(request), actor_of(request)
        with services.database.writing() as session:
            if wanted.decision == "approve":
                review = services.officer.approve(session, principal, task_id, by)
            else:
                review = services.officer.reject(session, principal, task_id, wanted.reason, by)
            return ReviewDocument.of_review(review, pages.translator(request))

    return router
