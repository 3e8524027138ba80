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
    def working(self, *jobs: str) -> Iterator[subprocess.Popen[str]]:
        """Enqueue `jobs` and work while the block runs; then end, cleanly unless killed."""
        process = subprocess.Popen(
            [sys.executable, "-m", jobs_worker.__name__, self.url, self.notes, *jobs],
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
