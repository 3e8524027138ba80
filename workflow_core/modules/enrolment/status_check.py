"""The check that runs as soon as an identity number is typed (BIZ-ADD-05)."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from foundation.errors import Invalid
from workflow_core.modules.enrolment.rules import status_finding
from workflow_core.modules.findings import Finding
from workflow_core.registry import Registry
from workflow_core.registry.id_number import IdNumber, IdNumberError, read_id_number


@dataclass(frozen=True)
class StatusResult:
    """What the registry says before a filing is saved; the name is never told."""

    number: IdNumber
    is_renewal: bool
    finding: Finding | None


def check_status(
    registry: Registry, session: Session, owner: str, unverified_id_number: str
) -> StatusResult:
    """Return whether the person is free to be enrolled by `owner`; raises Invalid."""
    try:
        number = read_id_number(unverified_id_number)
    except IdNumberError as error:
        raise Invalid(error.code, field="id_number") from error
    status = registry.status_of(session, number.text)
    return StatusResult(number, status.is_renewal, status_finding(status, owner))
