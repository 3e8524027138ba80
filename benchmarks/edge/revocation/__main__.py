"""Runs it and prints one table in Markdown."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from benchmarks.edge.revocation.course import Course, watch_revocation
from foundation.database import Database
from tests.support.edge_agent import Post, Town, running_post, town
from tests.support.long_upstream import long_upstream
from tests.support.open_transfers import KINDS
from tests.support.postgresql import running_cluster
from tests.support.schema import create_schema

_COUNT = 200
_CONNECTIONS = 4
# As a server is run: an acknowledged commit survives a power cut.
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


def main(count: int) -> None:
    """Revoke `count` units one after the other; half of them at each edge."""
    with ExitStack() as stack:
        cluster = stack.enter_context(running_cluster(_DURABLE))
        url = cluster.create("revocation")
        create_schema(url)
        database = Database(url)
        stack.callback(database.dispose)
        port = stack.enter_context(long_upstream())
        place = stack.enter_context(town(database, port))
        posts = [stack.enter_context(running_post(place, name)) for name in ("edge-1", "edge-2")]
        for post in posts:
            stack.enter_context(_agent(url, post))
            stack.enter_context(_load(place, post))
        for kind in KINDS:
            watch_revocation(place, posts[0], kind)  # so that nothing is new any more
        courses = [
            watch_revocation(place, posts[turn // len(KINDS) % 2], KINDS[turn % len(KINDS)])
            for turn in range(count)
        ]
        _print(courses)


@contextmanager
def _agent(url: str, post: Post) -> Iterator[None]:
    module = "benchmarks.edge.revocation.agent_process"
    words = [sys.executable, "-m", module, url, str(post.files.folder), post.settings.edge_name]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.strip() == "serving":
                    break
            yield
        finally:
            process.kill()


@contextmanager
def _load(place: Town, post: Post) -> Iterator[None]:
    holder = place.holder(post)
    assert holder.client.credential is not None
    file = holder.client.credential.write(place.folder)
    cookie = "; ".join(f"{name}={value}" for name, value in holder.cookies().items())
    words = [
        sys.executable, "-m", "benchmarks.edge.revocation.load",
        str(post.settings.portal_port), str(file), cookie, str(_CONNECTIONS),
    ]  # fmt: skip
    with subprocess.Popen(words) as process:
        try:
            yield
        finally:
            process.kill()


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
    main(int(sys.argv[1]) if len(sys.argv) > 1 else _COUNT)
