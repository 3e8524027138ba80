"""A whole installation starts, and nothing is amiss with it."""

import pytest

from foundation.clock import SystemClock
from tests.support.installation import ADDRESSES, Installation, on_installation

pytestmark = [pytest.mark.slow, pytest.mark.postgres, on_installation]


def test_the_doctor_finds_nothing_and_both_edges_serve(installation: Installation) -> None:
    """An agent that was there before its HAProxy has said so, until it looks again."""
    deadline = SystemClock().now().timestamp() + 30
    while any(one["note"] for one in installation.json("edge", "list")["items"]):
        assert SystemClock().now().timestamp() < deadline, installation.cli("edge", "list")

    installation.cli("doctor")

    edges = installation.json("edge", "list")["items"]
    assert [(one["edge"], one["standing"]) for one in edges] == [
        ("edge-1", "serving"),
        ("edge-2", "serving"),
    ]
    assert [edge.address for edge in installation.edges] == list(ADDRESSES)
