"""The business tasks of this installation, put together."""

from datetime import datetime, timedelta

from gateway.composition.ground import Ground
from gateway.composition.signals import Signals
from workflow_core.services import WorkflowServices, assemble


def workflow_services(ground: Ground, signals: Signals) -> WorkflowServices:
    """Return the services; a filing that waits for its automatic review is a job."""

    def schedule_review(key: str, due_at: datetime) -> None:
        signals.review_is_due(key, max(due_at - ground.clock.now(), timedelta(0)))

    return assemble(
        database=ground.database,
        clock=ground.clock,
        audit=ground.audit,
        access=ground.access,
        review_policy=ground.review,
        parameters=ground.parameters,
        zone=ground.zone,
        review_delay=timedelta(seconds=ground.settings.review_delay_seconds),
        schedule_review=schedule_review,
    )
