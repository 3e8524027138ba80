"""Enrolment and renewal (增员/续保): a unit begins to pay for an employee (BIZ-ADD)."""

from workflow_core.modules.enrolment.module import Enrolment

__all__ = ["Enrolment"]
