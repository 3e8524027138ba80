"""A process that does jobs, for test_jobs.py: it can be killed, and DBOS allows one registry each.

Arguments: the URL of the database, a file for notes, then jobs to enqueue as
``key`` or ``key@seconds``. It works until its standard input ends.
"""

import sys
import time
from datetime import timedelta
from pathlib import Path

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
        times = self._notes.add(f"begun {key}")
        if key.startswith("flaky") and times < 3:
            raise ConnectionError("not yet")
        if key.startswith("stuck") and times == 1:
            time.sleep(600)
        self._notes.add(f"done {key}")

    def tick(self) -> None:
        self._notes.add("tick")


def main(url: str, file: str, *wanted: str) -> None:
    work = Work(Notes(Path(file)))
    jobs = Jobs(url)
    jobs.define("work", work.run)
    jobs.repeat("tick", "* * * * * *", work.tick)
    jobs.start()
    for job in wanted:
        key, _, seconds = job.partition("@")
        jobs.enqueue("work", key, delay=timedelta(seconds=float(seconds or 0)))
    print(ENQUEUED, flush=True)  # noqa: T201 - what the test waits for
    sys.stdin.read()
    jobs.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
