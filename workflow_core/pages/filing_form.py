"""The form of a module, shown empty, half filled, or with what is wrong in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from foundation.errors import Failure, FieldError
from foundation.web.pages import Pages
from workflow_core.modules import Module
from workflow_core.modules.enrolment.status_check import StatusResult
from workflow_core.services import WorkflowServices
from workflow_core.tasks.models import Task


@dataclass(frozen=True)
class FilingForm:
    """Renders the form of any module."""

    services: WorkflowServices
    pages: Pages

    def show(
        self,
        request: Request,
        session: Session,
        module: Module,
        owner: str,
        *,
        values: dict[str, Any],
        task: Task | None = None,
        check: StatusResult | None = None,
        refusal: Failure | None = None,
    ) -> HTMLResponse:
        """Return the form with `values` as typed; status 422 when something was refused.

        With a `task` it changes that task, and its locked fields are only shown.
        """
        return self.pages.render(
            request,
            module.form.template,
            200 if refusal is None else 422,
            module=module,
            task=task,
            values=values,
            errors=_errors_of(refusal),
            check=check,
            today=self.services.days.today(),
            choices=module.form.context(session, owner, self.pages.translator(request)),
        )


def _errors_of(refusal: Failure | None) -> Sequence[FieldError]:
    """Return the errors of the fields; a conflict is about the person as a whole."""
    if refusal is None:
        return []
    return list(refusal.fields) or [FieldError("id_number", refusal.code, refusal.params)]
