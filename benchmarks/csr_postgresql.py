"""Certificates per second over HTTP, one at a time, from requests: both CAs on one PostgreSQL.

The server is the same for both, with each its own database, and waits for the
disk at each commit. django-ca is not here: its environment has no driver.
"""

import sys
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import make_url

from benchmarks.csr_enrolment import MOST, contender, enrolling, step_ca
from benchmarks.installation import running_installation
from benchmarks.measuring import Effort, race
from benchmarks.peers.installing import PeerMissing
from benchmarks.postgresql import durable_postgresql
from benchmarks.table import Row, rate_row

_STEP_CA = "step-ca, PostgreSQL"


def measure(folder: Path, effort: Effort) -> list[Row]:
    """Return the rows; none where server or step-ca cannot be had, which is told."""
    folder.mkdir(parents=True)
    most = min(effort.most, MOST)
    count = effort.rounds * most + 1
    with ExitStack() as stack:
        url = stack.enter_context(durable_postgresql())
        if url is None:
            print("there is no PostgreSQL server", file=sys.stderr)
            return []
        try:
            theirs = step_ca(stack, folder / "peer", "postgresql", count, _beside(url))
        except PeerMissing as missing:
            print(f"{_STEP_CA} is not measured: {missing}", file=sys.stderr)
            return []
        installation = stack.enter_context(running_installation(folder, url))
        exchanges = {
            "password verified": enrolling(installation, stack, count, for_nothing=False),
            "password for nothing": enrolling(installation, stack, count, for_nothing=True),
            _STEP_CA: theirs,
        }
        rates = race([contender(name, one, most) for name, one in exchanges.items()], effort)
    baseline = rates.pop(_STEP_CA)
    return [
        rate_row(f"issue from a CSR over HTTP, PostgreSQL, {how}", rate, _STEP_CA, baseline)
        for how, rate in rates.items()
    ]


def _beside(url: str) -> str:
    """Return the address of another database of the server, in the form that Go reads."""
    other = make_url(url).set(drivername="postgresql", database="step_ca")
    return other.render_as_string(hide_password=False)
