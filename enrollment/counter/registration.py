"""One way in for page and API: papers and application are judged together."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from enrollment.slips.issuing import IssuedSlip
from enrollment.subscribers.unit_application import UnitApplication, verify_application
from enrollment.subscribers.units import Units
from foundation.audit import Actor
from foundation.errors import FieldError, Invalid


def register_unit(
    session: Session,
    units: Units,
    application: UnitApplication,
    paper_errors: Sequence[FieldError],
    by: Actor,
) -> IssuedSlip:
    """Register the unit and return its slip.

    Raises `Invalid` naming every wrong field and every missing paper at once,
    and `Conflict` when the credit code is enrolled already.
    """
    errors = list(paper_errors)
    try:
        verify_application(application)
    except Invalid as refused:
        errors = [*refused.fields, *errors]
    if errors:
        raise Invalid("application-invalid", fields=errors)
    return units.register(session, application, by)
