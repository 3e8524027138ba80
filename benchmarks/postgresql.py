"""A PostgreSQL server that survives a power cut, for figures that may be quoted."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.support.postgresql import running_cluster

_DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # As PostgreSQL has them unless it is told otherwise.
    "wal_level": "replica",
    "max_wal_senders": "10",
    "max_wal_size": "1GB",
    "shared_buffers": "128MB",
    "autovacuum": "on",
}


@contextmanager
def durable_postgresql() -> Iterator[str | None]:
    """Yield the URL of an empty database, or None where no server is installed."""
    with ExitStack() as stack:
        try:
            cluster = stack.enter_context(running_cluster(_DURABLE))
        except pytest.skip.Exception:
            yield None
            return
        yield cluster.create("benchmark")
