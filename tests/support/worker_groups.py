"""Tests of one `xdist_group` run on one worker, as they say.

xdist 3.8 writes a group's name into `item._nodeid`, which pytest 9.2 no longer
reads: without this every worker would start what a group shares.
"""

import pytest
from _pytest.nodeid import coerce_node_id


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each item the name that xdist has meant for it."""
    for item in items:
        meant = getattr(item, "_nodeid", item.nodeid)
        if meant != item.nodeid:
            item._id = coerce_node_id(meant)
