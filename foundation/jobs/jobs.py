"""Durable jobs on DBOS.

A job is recorded in DBOS's system database before it runs. When its process
dies in the middle, another one takes it up. Jobs therefore run *at least*
once: what they call must be idempotent (a conditional update that finds
nothing to do).

Any number of processes work on one database. Each takes jobs from the queue
when it has room; a schedule's tick is recorded under its own time, so that
the first process records it and the others find it there.
"""

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from dbos import DBOS, DBOSConfig, ScheduleInput, SetEnqueueOptions, SetWorkflowID

from foundation.database.connecting import POOL, reaching

QUEUE = "certgate"
# The only process of a database, which takes up its own jobs when it starts.
ALONE = "local"
_RETRIES = 8
_WORKERS = 4
_CONNECTIONS = 8
_ENQUEUE_SECONDS = 3.0
_MOST_COUNTED = 1_000
# Recovery only takes jobs of the same version; the default is a hash of the
# source, which would strand waiting jobs at every upgrade.
_VERSION = "1"

Run = Callable[[str], None]

_LOG = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Repeated:
    name: str
    cron: str
    workflow: Callable[[datetime, Any], None]


class Jobs:
    """The job queue of this process; one per process, as DBOS has one registry."""

    def __init__(self, system_database_url: str, executor_id: str = ALONE) -> None:
        """Take the URL of the database in which DBOS keeps the jobs.

        Where several processes work on it, each has an `executor_id` of its
        own: at its start a process takes up what its id left behind, and would
        otherwise take the jobs of a living one.
        """
        config: DBOSConfig = {
            "name": "certgate",
            "system_database_url": system_database_url,
            "executor_id": executor_id,
            "db_engine_kwargs": _engine_options(system_database_url),
            "sys_db_pool_size": _CONNECTIONS,
            "application_version": _VERSION,
            "log_level": "WARNING",
            "run_migrations": True,
        }
        DBOS(config=config)
        self._once: dict[str, Callable[[str], None]] = {}
        self._repeated: list[_Repeated] = []
        self._retired: list[str] = []

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

    def retire(self, name: str) -> None:
        """Forget a schedule that an earlier program has left in the database. Before `start`."""
        self._retired.append(name)

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
        for name in self._retired:
            DBOS.delete_schedule(name)

    def enqueue(self, name: str, key: str, *, delay: timedelta = timedelta(0)) -> None:
        """Record the job `name` for `key`; a second one with the same key is the same job.

        Returns when it is recorded, or after three seconds: without a database
        DBOS tries again for ever, and somebody waits for an answer.
        """
        run = self._once[name]

        def record() -> None:
            try:
                with (
                    SetWorkflowID(f"{name}:{key}"),
                    SetEnqueueOptions(delay_seconds=delay.total_seconds()),
                ):
                    DBOS.enqueue_workflow(QUEUE, run, key)
            except Exception:
                _LOG.exception("job_not_recorded", job=name)

        recording = threading.Thread(target=record, name="enqueue", daemon=True)
        recording.start()
        recording.join(_ENQUEUE_SECONDS)
        if recording.is_alive():
            _LOG.warning("job_recorded_late", job=name)

    def take_over(self, living: Collection[str]) -> int:
        """Give the jobs of processes that are not among the `living` back to the queue.

        Returns how many there were. Safe for several processes at once: a job
        goes back only from the process that was named here.
        """
        running = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        dead = {one.executor_id for one in running if one.executor_id} - set(living)
        if not dead:
            return 0
        _LOG.warning("jobs_taken_over", executors=sorted(dead))
        # What DBOS's own control plane calls; there is no other conditional way.
        return len(DBOS._recover_pending_workflows(sorted(dead)))

    def waiting(self) -> dict[str, int]:
        """Return how many jobs are `enqueued`, `delayed` and `pending`; counts up to a thousand."""
        return {
            state.lower(): len(
                DBOS.list_workflows(
                    status=state, limit=_MOST_COUNTED, load_input=False, load_output=False
                )
            )
            for state in ("ENQUEUED", "DELAYED", "PENDING")
        }

    def stop(self) -> None:
        """Stop taking jobs and give running ones a moment to end."""
        DBOS.destroy(workflow_completion_timeout_sec=5, destroy_registry=True)


def _engine_options(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {}
    return {
        "connect_args": {"application_name": "certgate_jobs", **reaching(url)},
        "pool_timeout": POOL["pool_timeout"],
    }
