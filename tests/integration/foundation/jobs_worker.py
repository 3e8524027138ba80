"""A process that does jobs, for test_jobs.py: it can be killed, and DBOS allows one registry each.

Arguments: the URL of the database, a file for notes, the process's executor id,
then jobs to enqueue as ``key`` or ``key@seconds``. Each line of its standard
input is the executor ids that live; it works until that ends.
"""

import sys
import time
from datetime import timedelta
from pathlib import Path

from dbos import DBOS

from foundation.jobs import Jobs

ENQUEUED = "enqueued"


class Notes:
    """What jobs have done, one line each; several processes may write."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def add(self, line: str) -> int:
        """Add a line and return how often it is there now."""
        with self._file.open("a", encoding="utf-8") as notes:
            notes.write(f"{line}\n")
        return self.lines().count(line)

    def lines(self) -> list[str]:
        return self._file.read_text(encoding="utf-8").splitlines() if self._file.exists() else []


class Work:
    """The job: what it does follows from its key."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def run(self, key: str) -> None:
        self._notes.add(f"{key} by {sys.argv[3]}")
        if key.startswith("shared"):
            time.sleep(1)
        times = self._notes.add(f"begun {key}")
        if key.startswith("flaky") and times < 3:
            raise ConnectionError("not yet")
        if key.startswith("stuck") and times == 1:
            time.sleep(600)
        self._notes.add(f"done {key}")

    def tick(self) -> None:
        self._notes.add("tick")

    def tick_at(self) -> None:
        self._notes.add(f"at {DBOS.workflow_id}")


def main(url: str, file: str, executor_id: str, *wanted: str) -> None:
    work = Work(Notes(Path(file)))
    jobs = Jobs(url, executor_id)
    jobs.define("work", work.run)
    jobs.repeat("tick", "* * * * * *", work.tick)
    jobs.repeat("tick_at", "* * * * * *", work.tick_at)
    jobs.start()
    for job in wanted:
        key, _, seconds = job.partition("@")
        jobs.enqueue("work", key, delay=timedelta(seconds=float(seconds or 0)))
    print(ENQUEUED, flush=True)  # noqa: T201 - what the test waits for
    for living in sys.stdin:
        jobs.take_over(living.split())
    jobs.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
