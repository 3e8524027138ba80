"""The JSON twin of the pages, as the outward contract names it."""

from fastapi import APIRouter

from foundation.web.pages import Pages
from workflow_core.api.reviews import reviews_router
from workflow_core.api.tasks import tasks_router
from workflow_core.services import WorkflowServices


def api_router(services: WorkflowServices, pages: Pages) -> APIRouter:
    """Return all JSON calls of this package under /api/v1; `pages` knows the languages."""
    router = APIRouter(prefix="/api/v1")
    router.include_router(tasks_router(services, pages))
    router.include_router(reviews_router(services, pages))
    return router


__all__ = ["api_router"]
