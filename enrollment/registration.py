"""One way in for page and API: papers and application are judged together."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from enrollment.slips import IssuedSlip
from enrollment.units import UnitApplication, Units
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
    and `Conflict` when the credit code is enrolled already; the caller's
    transaction must then be rolled back.
    """
    try:
        slip = units.register(session, application, by)
    except Invalid as refused:
        raise Invalid(refused.code, fields=[*refused.fields, *paper_errors]) from refused
    if paper_errors:
        raise Invalid("papers-missing", fields=paper_errors)
    return slip
