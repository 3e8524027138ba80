"""The rows of the subject `edge-revocation`: beside the goal, since nobody else does it."""

from collections.abc import Sequence

from benchmarks.edge.revocation.two_edges import run
from benchmarks.measuring import percentile
from benchmarks.table import Row
from tests.support.open_transfers import KINDS

_GOAL = "the goal"
_GOAL_MILLISECONDS = 100.0


def measure(count: int) -> list[Row]:
    """Revoke `count` units at two edges; the figures are p99, with p50 beside it."""
    courses = run(count)
    rows = []
    for kind in (*KINDS, "all"):
        some = [one for one in courses if kind in (one.kind, "all")]
        rows.append(_row(f"refused, {kind} open ({len(some)})", [one.refused for one in some]))
        closed = [one.closed for one in some if one.closed is not None]
        if closed:
            rows.append(_row(f"closed, {kind}", closed))
    return rows


def _row(what: str, values: Sequence[float]) -> Row:
    latest, typical = percentile(values, 0.99), percentile(values, 0.5)
    detail = f" (p50 {typical:.1f})"
    share = latest / _GOAL_MILLISECONDS
    return Row(f"edge, revoke: {what}, p99", latest, _GOAL, _GOAL_MILLISECONDS, share, "ms", detail)
