"""Several nodes: one that is not ready gets nothing, one that is gone is not noticed."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.support.edge_client import Client, ask_on
from tests.support.edge_pki import EdgePki
from tests.support.haproxy import Edge, edge_folder, edge_settings, running_edge
from tests.support.upstream import Upstream, running_upstream

Pair = tuple[Edge, Client, list[Upstream], list[ExitStack]]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Two nodes, each with what ends it."""
    with edge_folder() as folder, ExitStack() as whole:
        pki = EdgePki(folder)
        ends = [whole.enter_context(ExitStack()) for _ in range(2)]
        nodes = [end.enter_context(running_upstream(pki)) for end in ends]
        settings = edge_settings(folder, [node.address for node in nodes])
        edge = whole.enter_context(running_edge(settings, pki))
        edge.trust()
        yield edge, Client(pki, edge.ports.portal, pki.issuing.issue("wh000123")), nodes, ends


def test_no_request_fails_when_a_node_goes_away(pair: Pair) -> None:
    """A connection that is refused is tried at the other node, whatever the method."""
    _, client, nodes, ends = pair
    connection = client.connect()
    try:
        assert {ask_on(connection, "/tasks").status for _ in range(6)} == {200}
        assert all(node.asked for node in nodes)

        ends[0].close()

        answers = [ask_on(connection, "/tasks", method, body=b"") for method in ("GET", "POST") * 3]
    finally:
        connection.close()
    assert {answer.status for answer in answers} == {200}


def test_a_node_that_is_not_ready_gets_nothing(pair: Pair) -> None:
    edge, client, nodes, _ = pair
    nodes[0].is_ready = False
    edge.wait_until_down("nodes", "node-1")
    before = len(nodes[0].asked)

    assert {client.ask("/tasks").status for _ in range(4)} == {200}

    assert len(nodes[0].asked) == before


def test_without_a_node_the_edge_says_so_itself(pair: Pair) -> None:
    edge, client, nodes, _ = pair
    for number, node in enumerate(nodes, 1):
        node.is_ready = False
        edge.wait_until_down("nodes", f"node-{number}")

    answer = client.ask("/api/v1/tasks")

    assert answer.status == 503
    assert answer.document["type"] == "/problems/unavailable"
    assert edge.logged(answer.request_id)["decision"] == "unavailable"
