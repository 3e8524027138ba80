"""Jobs outlive the process that recorded them (design section 3, Jobs)."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from foundation.jobs import ALONE
from tests.integration.foundation import jobs_worker

ROOT = Path(__file__).parents[3]
WAIT_SECONDS = 60

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Workers:
    """Starts worker processes on one database."""

    url: str
    notes: Path

    @contextmanager
    def working(self, *jobs: str, executor_id: str = ALONE) -> Iterator[subprocess.Popen[str]]:
        """Enqueue `jobs` and work while the block runs; then end, cleanly unless killed."""
        process = subprocess.Popen(
            [sys.executable, "-m", jobs_worker.__name__, self.url, self.notes, executor_id, *jobs],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                assert process.stdout.readline().strip() == jobs_worker.ENQUEUED
                yield process
                process.stdin.close()
                assert process.wait(WAIT_SECONDS) in {0, -signal.SIGKILL}
            finally:
                process.kill()

    def lines(self) -> list[str]:
        """Return what the jobs have noted."""
        return jobs_worker.Notes(self.notes).lines()

    def wait_for(self, line: str, times: int = 1) -> None:
        """Wait until the jobs have noted `line` so often."""
        deadline = time.monotonic() + WAIT_SECONDS
        while self.lines().count(line) < times:
            assert time.monotonic() < deadline, f"waited in vain for {line!r}"
            time.sleep(0.05)


@pytest.fixture
def workers(blank_database_url: str, tmp_path: Path) -> Workers:
    return Workers(blank_database_url, tmp_path / "notes.txt")


def test_a_job_recorded_twice_runs_once(workers: Workers) -> None:
    with workers.working("a", "a", "b"):
        workers.wait_for("done a")
        workers.wait_for("done b")
    # Also when the first has long ended, and in another process.
    with workers.working("a", "last@1"):
        workers.wait_for("done last")

    assert workers.lines().count("begun a") == 1
    assert workers.lines().count("begun b") == 1


def test_a_delayed_job_survives_the_death_of_its_process(workers: Workers) -> None:
    with workers.working("later@4") as process:
        process.kill()
        process.wait()
        assert "begun later" not in workers.lines()
    with workers.working():
        workers.wait_for("done later")

    assert workers.lines().count("begun later") == 1


def test_a_job_that_died_half_way_is_taken_up_again(workers: Workers) -> None:
    with workers.working("stuck") as process:
        workers.wait_for("begun stuck")
        process.kill()
        process.wait()
    assert "done stuck" not in workers.lines()
    with workers.working():
        workers.wait_for("done stuck")


def test_a_failing_job_is_tried_again_until_it_works(workers: Workers) -> None:
    with workers.working("flaky", "well"):
        workers.wait_for("done well")
        workers.wait_for("done flaky")

    assert workers.lines().count("begun flaky") == 3


def test_a_repeated_job_repeats_and_goes_on_after_a_restart(workers: Workers) -> None:
    with workers.working():
        workers.wait_for("tick", times=2)
    before = workers.lines().count("tick")
    with workers.working():
        workers.wait_for("tick", times=before + 1)


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_several_processes_share_the_jobs_and_take_them_from_the_dead_alone(
    workers: Workers,
) -> None:
    with (
        workers.working("stuck", executor_id="first") as first,
        workers.working(*(f"shared{n}" for n in range(12)), executor_id="second") as second,
    ):
        workers.wait_for("begun stuck")
        for number in range(12):
            workers.wait_for(f"done shared{number}")
        # Four at a time have each: neither can have done all twelve.
        assert {line.split()[-1] for line in workers.lines() if " by " in line} == {
            "first",
            "second",
        }
        for process in (first, second):
            tell(process, "first second")
        workers.wait_for("tick", times=workers.lines().count("tick") + 3)
        assert workers.lines().count("begun stuck") == 1
        at = [line for line in workers.lines() if line.startswith("at ")]
        assert len(at) == len(set(at)) >= 3

        dead, heir = (first, second) if "stuck by first" in workers.lines() else (second, first)
        dead.kill()
        dead.wait()
        tell(heir, "second" if heir is second else "first")
        workers.wait_for("done stuck")


def tell(process: subprocess.Popen[str], living: str) -> None:
    """Say to a worker which executor ids live."""
    assert process.stdin is not None
    process.stdin.write(f"{living}\n")
    process.stdin.flush()
