"""Hints beside an enrolment; none of them ever blocks it (AMB-08)."""

from collections.abc import Iterator

from workflow_core.modules.enrolment.case import EnrolmentCase
from workflow_core.modules.findings import Finding


def find_hints(case: EnrolmentCase) -> list[Finding]:
    """Return what the unit should know about this filing."""
    return [*_hiring_duty(case), *_papers(case)]


def _hiring_duty(case: EnrolmentCase) -> Iterator[Finding]:
    """Apply within 30 days of hiring (BIZ-ADD-20)."""
    days = case.calendar.hiring_days
    if (case.on - case.data.employment_date).days > days:
        yield Finding("employment_date", "hiring-duty-late", {"days": days})


def _papers(case: EnrolmentCase) -> Iterator[Finding]:
    """Ordinary units bring papers by the 20th, VIP units keep them (BIZ-ADD-18, BIZ-ADD-19)."""
    last_day = case.calendar.papers_due_day
    if case.unit_class == "vip":
        yield Finding("papers", "papers-kept-by-unit")
    elif case.on.day > last_day:
        yield Finding("papers", "papers-after-deadline", {"day": last_day})
    else:
        yield Finding("papers", "papers-by-deadline", {"day": last_day})
