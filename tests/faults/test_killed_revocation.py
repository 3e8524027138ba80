"""Killed around the line of the journal: what was acknowledged is never lost.

A process revokes certificates one by one and says so after each. It is killed
without warning. Then its database is thrown away and an older copy comes back.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from foundation.database import Database
from foundation.errors import Denied
from tests.support.journaled import make_journaled
from tests.support.schema import create_schema

CERTIFICATES = 40
ROOT = Path(__file__).parents[2]

WORKER = """
import sys
from pathlib import Path

from ca.epoch import advance_epoch
from ca.journal import JournalEntry, RevocationJournal
from ca.records import change_state
from foundation.clock import SystemClock
from foundation.database import Database
from foundation.randomness import SystemRandomness

url, path, *numbers = sys.argv[1:]
database, clock = Database(url), SystemClock()
journal = RevocationJournal(Path(path), clock=clock, randomness=SystemRandomness())
for number in numbers:
    with database.writing() as session:
        now = clock.now()
        change_state(
            session, number, ("good",), "revoked", revoked_at=now, reason="keyCompromise"
        )
        entry = JournalEntry(
            epoch=advance_epoch(session), act="revoked", issuer="issuing", serial_number=number,
            at=now, reason="keyCompromise",
        )
        journal.append(session, entry)
    print(number, flush=True)
"""


@pytest.mark.parametrize("acknowledged", [1, 5, 17])
def test_what_was_acknowledged_before_a_kill_is_revoked_after_a_restore(
    tmp_path: Path, acknowledged: int
) -> None:
    url = f"sqlite:///{tmp_path / 'certgate.db'}"
    create_schema(url)
    journaled = make_journaled(Database(url), tmp_path)
    issued = {
        each.serial_number: each
        for each in (journaled.revocable.issue() for _ in range(CERTIFICATES))
    }
    journaled.database.dispose()
    past = Database(f"sqlite:///{shutil.copy(tmp_path / 'certgate.db', tmp_path / 'past.db')}")

    told = _kill_after(acknowledged, url, journaled.path, list(issued))

    back = journaled.on(past)
    settled = back.settle()
    assert settled.standing == "known"
    assert len(told) >= acknowledged
    # One more at most: its line was written, and it was killed before it could say so.
    assert len(told) <= settled.reconciled.revoked <= len(told) + 1
    for number in told:
        with pytest.raises(Denied) as refused:
            back.revocable.verify(issued[number].certificate)
        assert refused.value.code == "certificate-revoked"
    past.dispose()


def _kill_after(count: int, url: str, path: Path, numbers: list[str]) -> list[str]:
    """Run the worker, kill it after it has said `count` numbers, and return all it has said."""
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, url, str(path), *numbers],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert worker.stdout is not None
    told = [worker.stdout.readline().strip() for _ in range(count)]
    os.kill(worker.pid, signal.SIGKILL)
    rest = worker.stdout.read().split()
    worker.wait()
    worker.stdout.close()
    return [*told, *rest]
