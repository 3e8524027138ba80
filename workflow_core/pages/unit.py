"""The screens of a unit, put together."""

from fastapi import APIRouter

from foundation.web.pages import Pages
from workflow_core.pages.changed_filing import changed_filing_router
from workflow_core.pages.home import home_router
from workflow_core.pages.new_filing import new_filing_router
from workflow_core.pages.status_check import status_check_router
from workflow_core.pages.task import task_router
from workflow_core.services import WorkflowServices


def unit_router(services: WorkflowServices, pages: Pages) -> APIRouter:
    """Return all pages under /tasks."""
    router = APIRouter(include_in_schema=False)
    router.include_router(home_router(services, pages))
    router.include_router(status_check_router(services, pages))
    router.include_router(new_filing_router(services, pages))
    router.include_router(changed_filing_router(services, pages))
    router.include_router(task_router(services, pages))
    return router
