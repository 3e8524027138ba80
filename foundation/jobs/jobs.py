"""Durable jobs on DBOS.

A job is recorded in DBOS's system database before it runs. A process that
dies in the middle finds it there at the next start. Jobs therefore run *at
least* once: what they call must be idempotent (a conditional update that finds
nothing to do).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dbos import DBOS, DBOSConfig, ScheduleInput, SetEnqueueOptions, SetWorkflowID

QUEUE = "certgate"
_RETRIES = 8
_WORKERS = 4
# Recovery only takes jobs of the same version; the default is a hash of the
# source, which would strand waiting jobs at every upgrade.
_VERSION = "1"

Run = Callable[[str], None]


@dataclass(frozen=True)
class _Repeated:
    name: str
    cron: str
    workflow: Callable[[datetime, Any], None]


class Jobs:
    """The job queue of this process; one per process, as DBOS has one registry."""

    def __init__(self, system_database_url: str) -> None:
        """Take the URL of the database in which DBOS keeps the jobs."""
        config: DBOSConfig = {
            "name": "certgate",
            "system_database_url": system_database_url,
            "application_version": _VERSION,
            "log_level": "WARNING",
            "run_migrations": True,
        }
        DBOS(config=config)
        self._once: dict[str, Callable[[str], None]] = {}
        self._repeated: list[_Repeated] = []

    def define(self, name: str, run: Run) -> None:
        """Name a job; `run` gets the key it was enqueued with. Before `start`."""

        # A function of its own: DBOS marks what it decorates, and a bound
        # method takes no marks.
        @DBOS.step(
            name=f"{name}.step", retries_allowed=True, max_attempts=_RETRIES, interval_seconds=1
        )
        def step(key: str) -> None:
            run(key)

        @DBOS.workflow(name=name)
        def workflow(key: str) -> None:
            step(key)

        self._once[name] = workflow

    def repeat(self, name: str, cron: str, run: Callable[[], object]) -> None:
        """Run `run` by the schedule `cron` (UTC, five or six fields). Before `start`."""

        @DBOS.step(name=f"{name}.step")
        def step() -> None:
            run()

        @DBOS.workflow(name=name)
        def workflow(scheduled_at: datetime, context: Any) -> None:
            step()

        self._repeated.append(_Repeated(name, cron, workflow))

    def start(self) -> None:
        """Start working; jobs that an earlier process left behind are taken up."""
        DBOS.launch()
        DBOS.register_queue(QUEUE, worker_concurrency=_WORKERS, polling_interval_sec=0.5)
        schedules: list[ScheduleInput] = [
            {
                "schedule_name": repeated.name,
                "workflow_fn": repeated.workflow,
                "schedule": repeated.cron,
                "queue_name": QUEUE,
            }
            for repeated in self._repeated
        ]
        DBOS.apply_schedules(schedules)

    def enqueue(self, name: str, key: str, *, delay: timedelta = timedelta(0)) -> None:
        """Record the job `name` for `key`; a second one with the same key is the same job."""
        workflow_id = f"{name}:{key}"
        with SetWorkflowID(workflow_id), SetEnqueueOptions(delay_seconds=delay.total_seconds()):
            DBOS.enqueue_workflow(QUEUE, self._once[name], key)

    def stop(self) -> None:
        """Stop taking jobs and give running ones a moment to end."""
        DBOS.destroy(workflow_completion_timeout_sec=5, destroy_registry=True)
