"""The screens of units and review officers."""

from workflow_core.pages.officer import officer_router
from workflow_core.pages.unit import unit_router

__all__ = ["officer_router", "unit_router"]
