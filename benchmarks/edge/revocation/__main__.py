"""Runs it and prints one table in Markdown."""

import os
import sys
from collections.abc import Sequence

from benchmarks.edge.revocation.course import Course
from benchmarks.edge.revocation.two_edges import run
from tests.support.open_transfers import KINDS

_COUNT = 200


def _print(courses: Sequence[Course]) -> None:
    print(f"{len(courses)} revocations, two edges, {os.cpu_count()} cores, load average "
          f"{os.getloadavg()[0]:.1f}; milliseconds after the commit\n")  # fmt: skip
    print("| open | revocations | refused p50 | refused p99 | closed p50 | closed p99 |")
    print("|---|---|---|---|---|---|")
    for kind in (*KINDS, "all"):
        some = [one for one in courses if kind in (one.kind, "all")]
        refused = _percentiles([one.refused for one in some])
        closed = _percentiles([one.closed for one in some if one.closed is not None])
        print(f"| {kind} | {len(some)} | {refused} | {closed} |")
    print(f"\nThe act itself, before its commit: {_percentiles([one.act for one in courses])}")


def _percentiles(values: Sequence[float]) -> str:
    if not values:
        return "– | –"
    ordered = sorted(values)
    return f"{ordered[len(ordered) // 2]:.1f} | {ordered[int(len(ordered) * 0.99)]:.1f}"


if __name__ == "__main__":
    _print(run(int(sys.argv[1]) if len(sys.argv) > 1 else _COUNT))
