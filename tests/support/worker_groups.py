"""Tests of one `xdist_group` run on one worker, as they say.

xdist 3.8 writes a group's name into `item._nodeid`, which pytest 9.2 no longer
reads: without this every worker would start what a group shares.
"""

from collections.abc import Generator

import pytest
from _pytest.nodeid import coerce_node_id


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None]:
    """Give each item the name by which xdist's scheduler finds its group."""
    yield
    if not config.getoption("loadgroup", default=False):
        return
    for item in items:
        group = item.get_closest_marker("xdist_group")
        if group is not None:
            item._id = coerce_node_id(f"{item.nodeid}@{group.args[0]}")
