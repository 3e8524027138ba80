"""One fault after the other in a whole installation under load (issue 4, Faults under load).

Nothing acknowledged is lost, nobody revoked gets in, errors are bounded and clear.
"""

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

import pytest

from tests.support.installation import DATABASE, Installation, on_installation
from tests.support.relay import Relay, relay_to
from tests.support.server import Server
from tests.support.steady_load import PORTAL, SteadyLoad

pytestmark = [pytest.mark.slow, pytest.mark.postgres, on_installation]

ACTS = ("filed", "picked_up", "revoked")
SHUT = (503, "edge-not-ready")


@pytest.fixture
def relay(installation: Installation) -> Iterator[Relay]:
    """A network between the first edge's agent and the database."""
    with relay_to(installation.cluster.url(DATABASE)) as relay:
        yield relay


def test_a_node_is_killed(installation: Installation, load: SteadyLoad) -> None:
    node = installation.nodes[0]
    with load.running():
        load.wait_for_more(*ACTS)
        with away(node.kill, node.start):
            load.wait_for_more(*ACTS)
        load.wait_for_more("filed")


def test_an_edge_is_killed(installation: Installation, load: SteadyLoad) -> None:
    edge, (there, other) = installation.edges[0], load.places
    with load.running():
        with away(edge.proxy.kill, edge.start_proxy):
            load.wait_for(lambda: load.status(there)[0] == 0)
            load.wait_for_more("revoked")
            load.wait_for(lambda: load.status(other)[0] == 200)
        load.wait_for(lambda: load.status(there)[0] == 200)


def test_an_agent_is_killed(installation: Installation, load: SteadyLoad) -> None:
    agent, (there, other) = installation.edges[0].agent, load.places
    with load.running():
        with away(agent.kill, agent.start):
            load.wait_for(lambda: load.status(there) == SHUT)
            load.wait_for_more("revoked")
            load.wait_for(lambda: load.status(other)[0] == 200)
        load.wait_for(lambda: load.status(there)[0] == 200)


def test_an_agent_is_cut_off(installation: Installation, load: SteadyLoad, relay: Relay) -> None:
    """First nothing arrives any more and nobody says so; then the connections break."""
    agent, (there, other) = installation.edges[0].agent, load.places
    direct = agent.settings
    through = relay.url(installation.cluster.url(DATABASE))
    with (
        away(
            lambda: restart(agent, {**direct, "CERTGATE_DATABASE_URL": through}),
            lambda: restart(agent, direct),
        ),
        load.running(),
    ):
        load.wait_for(lambda: load.status(there)[0] == 200)
        relay.silence()
        load.wait_for(lambda: load.status(there) == SHUT)
        load.wait_for_more("revoked")
        relay.cut()
        assert load.status(there) == SHUT
        load.wait_for(lambda: load.status(other)[0] == 200)
        relay.mend()
        load.wait_for(lambda: load.status(there)[0] == 200)


def test_the_database_is_killed(installation: Installation, load: SteadyLoad) -> None:
    """A node is told to end meanwhile: it does, and its jobs are taken over."""
    cluster, node = installation.cluster, installation.nodes[1]
    with load.running():
        load.wait_for_more("filed")
        with ExitStack() as back:
            back.callback(lambda: None if node.is_running else node.start())
            cluster.kill()
            back.callback(cluster.start)
            load.wait_for(lambda: load.status(load.places[0], PORTAL)[0] == 503)
            # With whatever status: `Server.stop` wants 0, which it need not have.
            node.end(signal.SIGTERM)
            load.wait_for(lambda: all(load.status(one) == SHUT for one in load.places))
        load.wait_for_more(*ACTS)


def test_afterwards_nothing_is_amiss(installation: Installation, load: SteadyLoad) -> None:
    load.wait_for(
        lambda: not any(one["note"] for one in installation.json("edge", "list")["items"])
    )
    installation.cli("audit", "verify")
    installation.cli("doctor")
    numbers = installation.rows("SELECT serial_number FROM certificates")
    assert len(numbers) == len(set(numbers))
    digests = installation.rows("SELECT serial_number, fingerprint_sha256 FROM certificates")
    kept = {str(row[0]): str(row[1]).lower() for row in digests}
    assert {one: kept[one] for one in load.notes.picked_up} == load.notes.picked_up
    assert len(load.notes.revoked) >= 5


@contextmanager
def away(end: Callable[[], None], start: Callable[[], None]) -> Iterator[None]:
    """End something for the length of the block."""
    end()
    try:
        yield
    finally:
        start()


def restart(server: Server, settings: Mapping[str, str]) -> None:
    server.kill()
    server.settings = settings
    server.start()
