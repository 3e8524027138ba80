"""Which connections are open, by certificate."""

import pytest

from gateway.listeners.connections import OpenConnections
from tests.unit.gateway.listeners.transports import GOOD, OTHER, FakeTransport, digest_of, tls


@pytest.fixture
def connections() -> OpenConnections:
    return OpenConnections()


def opened(connections: OpenConnections, *chain: bytes) -> FakeTransport:
    transport = FakeTransport()
    connections.opened(transport, tls(*chain))
    return transport


def test_connections_are_known_by_the_digest_of_the_leaf(connections: OpenConnections) -> None:
    opened(connections, GOOD, OTHER)

    assert connections.digests() == {digest_of(GOOD)}


@pytest.mark.parametrize("facts", [None, tls()])
def test_connections_without_a_certificate_are_not_kept(
    connections: OpenConnections, facts: dict[str, object] | None
) -> None:
    transport = FakeTransport()
    connections.opened(transport, facts)

    assert connections.digests() == frozenset()
    connections.closed(transport)


def test_every_connection_of_one_certificate_is_cut_and_no_other(
    connections: OpenConnections,
) -> None:
    fallen = [opened(connections, GOOD) for _ in range(3)]
    other = opened(connections, OTHER)

    assert connections.close_all_of(digest_of(GOOD)) == 3

    assert all(transport.aborted for transport in fallen)
    assert not other.aborted


def test_nothing_is_cut_for_a_certificate_that_is_not_connected(
    connections: OpenConnections,
) -> None:
    transport = opened(connections, GOOD)

    assert connections.close_all_of(digest_of(OTHER)) == 0
    assert not transport.aborted


def test_a_certificate_is_forgotten_with_its_last_connection(connections: OpenConnections) -> None:
    first, second = opened(connections, GOOD), opened(connections, GOOD)

    connections.closed(first)
    assert connections.digests() == {digest_of(GOOD)}
    connections.closed(second)
    assert connections.digests() == frozenset()
    connections.closed(second)
