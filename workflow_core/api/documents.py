"""What JSON answers and questions look like."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, Field, PlainSerializer

from foundation.i18n import Translator
from workflow_core.modules import Finding
from workflow_core.review.officer import Review
from workflow_core.tasks.models import Task
from workflow_core.tasks.reason import return_reason
from workflow_core.tasks.states import Route, State

TaskId = Annotated[int, Path(ge=1, le=2**63 - 1)]


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Moment = Annotated[datetime, PlainSerializer(_written, return_type=str)]
"""RFC 3339 in UTC."""


class NewTask(BaseModel):
    """A filing to save."""

    module: str = Field(max_length=64)
    data: dict[str, Any]


class ChangedTask(BaseModel):
    """The data of a saved filing, whole; `version` refuses if somebody else saved since."""

    data: dict[str, Any]
    version: int | None = None


class Decision(BaseModel):
    """What an officer decides; `rows` belongs to batch filings."""

    decision: Literal["approve", "reject"]
    reason: str = Field("", max_length=4000)
    rows: list[dict[str, Any]] | None = None


class StatusCheck(BaseModel):
    """Whose insurance to look up."""

    id_number: str = Field(max_length=64)


class Notice(BaseModel):
    """A reason or hint: its field, its code and its text in the reader's language."""

    field: str
    code: str
    detail: str

    @classmethod
    def of(cls, finding: Finding, translator: Translator) -> "Notice":
        """Return the notice of a finding."""
        detail = translator("error." + finding.code, **finding.params)
        return cls(field=finding.field, code=finding.code, detail=detail)


class StatusDocument(BaseModel):
    """The immediate status check of BIZ-ADD-05."""

    id_number: str
    free: bool
    renewal: bool
    birth_date: str
    sex: str
    reason: Notice | None


class TaskDocument(BaseModel):
    """A task as its unit sees it."""

    id: int
    sequence_number: str
    module: str
    state: State
    returned: bool
    return_reason: str | None
    return_code: str | None
    data: dict[str, Any]
    route: Route | None
    version: int
    effective_month: str | None
    paper_copy_due: bool
    created_at: Moment
    updated_at: Moment
    submitted_at: Moment | None
    review_due_at: Moment | None
    decided_at: Moment | None
    notices: list[Notice] = []

    @classmethod
    def of(
        cls, task: Task, translator: Translator, hints: list[Finding] | None = None
    ) -> "TaskDocument":
        """Return the document of a task."""
        return cls(
            id=task.id,
            sequence_number=task.sequence_number,
            module=task.module,
            state=task.state,
            returned=task.is_returned,
            return_reason=return_reason(task, translator),
            return_code=task.return_code,
            data=task.data,
            route=task.route,
            version=task.version,
            effective_month=task.effective_month,
            paper_copy_due=task.paper_copy_due,
            created_at=task.created_at,
            updated_at=task.updated_at,
            submitted_at=task.submitted_at,
            review_due_at=task.review_due_at,
            decided_at=task.decided_at,
            notices=[Notice.of(hint, translator) for hint in hints or ()],
        )


class UnitOfTask(BaseModel):
    """The unit that filed."""

    credit_code: str
    name: str
    district: str


class ReviewDocument(TaskDocument):
    """A task as an officer sees it."""

    unit: UnitOfTask

    @classmethod
    def of_review(cls, review: Review, translator: Translator) -> "ReviewDocument":
        """Return the document of a review."""
        task = TaskDocument.of(review.task, translator)
        unit = UnitOfTask(
            credit_code=review.unit.credit_code,
            name=review.unit.name,
            district=review.unit.district,
        )
        return cls.model_validate({**dict(task), "unit": unit})


class TaskList(BaseModel):
    """A page of tasks."""

    items: list[TaskDocument]
    next: str | None


class ReviewList(BaseModel):
    """A page of reviews."""

    items: list[ReviewDocument]
    next: str | None
