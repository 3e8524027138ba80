"""The services of this package, put together once for the composition root."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from foundation.audit import AuditLog
from foundation.clock import Clock
from foundation.database import Database
from policies.access import AccessPolicy
from policies.parameters import Parameters
from policies.review import ReviewPolicy
from workflow_core.local_day import LocalDay
from workflow_core.modules import Modules
from workflow_core.modules.enrolment import Enrolment
from workflow_core.registry import Coverages, People, Registry, Units
from workflow_core.review.automatic import AutomaticReview
from workflow_core.review.decisions import Decisions
from workflow_core.review.officer import OfficerReview
from workflow_core.tasks.drafts import Drafts
from workflow_core.tasks.hints import Hints
from workflow_core.tasks.journal import Journal
from workflow_core.tasks.lists import TaskLists
from workflow_core.tasks.ownership import OwnTasks
from workflow_core.tasks.submission import ScheduleReview, Submission


@dataclass(frozen=True)
class WorkflowServices:
    """What routers, jobs and event handlers call."""

    database: Database
    clock: Clock
    audit: AuditLog
    parameters: Parameters
    days: LocalDay
    registry: Registry
    modules: Modules
    own_tasks: OwnTasks
    drafts: Drafts
    submission: Submission
    lists: TaskLists
    hints: Hints
    journal: Journal
    automatic: AutomaticReview
    officer: OfficerReview
    decisions: Decisions


def assemble(
    *,
    database: Database,
    clock: Clock,
    audit: AuditLog,
    access: AccessPolicy,
    review_policy: ReviewPolicy,
    parameters: Parameters,
    zone: ZoneInfo,
    review_delay: timedelta,
    schedule_review: ScheduleReview,
) -> WorkflowServices:
    """Return the services; `review_delay` is how long the automatic review waits (AMB-11)."""
    days = LocalDay(clock, zone)
    registry = Registry(Units(clock, audit), People(clock), Coverages())
    enrolment = Enrolment(
        registry, parameters.calendar, parameters.ages, parameters.contribution_on
    )
    modules = Modules([enrolment])
    journal = Journal(clock, audit)
    own_tasks = OwnTasks(access)
    decisions = Decisions(modules, journal, clock, days)
    return WorkflowServices(
        database=database,
        clock=clock,
        audit=audit,
        parameters=parameters,
        days=days,
        registry=registry,
        modules=modules,
        own_tasks=own_tasks,
        drafts=Drafts(
            own_tasks=own_tasks,
            modules=modules,
            registry=registry,
            journal=journal,
            clock=clock,
            days=days,
        ),
        submission=Submission(
            own_tasks=own_tasks,
            modules=modules,
            review_policy=review_policy,
            journal=journal,
            clock=clock,
            days=days,
            review_delay=review_delay,
            schedule_review=schedule_review,
        ),
        lists=TaskLists(access, own_tasks),
        hints=Hints(modules, days),
        journal=journal,
        automatic=AutomaticReview(database, decisions, clock),
        officer=OfficerReview(access, decisions),
        decisions=decisions,
    )
