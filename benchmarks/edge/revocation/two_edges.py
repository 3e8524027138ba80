"""Two edges, an agent process and other clients at each; one revocation after the other."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from benchmarks.edge.revocation.course import Course, watch_revocation
from foundation.database import Database
from tests.support.edge_agent import Post, Town, running_post, town
from tests.support.long_upstream import long_upstream
from tests.support.open_transfers import KINDS
from tests.support.postgresql import running_cluster
from tests.support.schema import create_schema

_CONNECTIONS = 4
# As a server is run: an acknowledged commit survives a power cut.
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


def run(count: int) -> list[Course]:
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
        return [
            watch_revocation(place, posts[turn // len(KINDS) % 2], KINDS[turn % len(KINDS)])
            for turn in range(count)
        ]


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
