"""An edge with its agent: what is revoked is refused and closed, and in doubt the door is shut."""

import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from foundation.clock import SystemClock
from foundation.database import Database
from foundation.randomness import SystemRandomness
from gateway.edge.registry import KnownEdges
from gateway.sessions import SessionLimits, Sessions
from tests.support.databases import TEMPLATE
from tests.support.edge_agent import TRUST, WAIT_SECONDS, Post, Town, registry, running_post, town
from tests.support.edge_client import ask_on
from tests.support.long_upstream import long_upstream
from tests.support.open_transfers import KINDS, Kind, open_transfer
from tests.support.postgresql import Cluster

pytestmark = pytest.mark.postgres
SHUT = 503


@pytest.fixture(scope="module")
def place(postgresql_cluster: Cluster, postgresql_template: str) -> Iterator[Town]:
    """A CA on PostgreSQL and an upstream behind the edges."""
    assert postgresql_template == TEMPLATE
    database = Database(postgresql_cluster.create("edge_agent", TEMPLATE))
    with long_upstream() as port, town(database, port) as made:
        yield made
    database.dispose()
    postgresql_cluster.drop("edge_agent")


@pytest.fixture(scope="module")
def posts(place: Town) -> Iterator[tuple[Post, Post]]:
    """Two edges with their agents."""
    with running_post(place, "edge-1") as first, running_post(place, "edge-2") as second:
        holder = place.holder(first)
        assert holder.status() == SHUT, "before its agent has loaded it, nobody passes"
        first.start_agent()
        second.start_agent()
        assert holder.status() == 200
        yield first, second


@pytest.fixture
def post(posts: tuple[Post, Post]) -> Post:
    """One edge whose agent runs."""
    if posts[0].run is None:
        posts[0].start_agent()
    return posts[0]


def until(is_so: Callable[[], bool]) -> bool:
    """Return whether it became so."""
    pause = threading.Event()
    deadline = SystemClock().now().timestamp() + WAIT_SECONDS
    while SystemClock().now().timestamp() < deadline:
        if is_so():
            return True
        pause.wait(0.02)
    return False


def known(post: Post) -> KnownEdges:
    return KnownEdges(post.database, registry(), longest=TRUST * 5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_revocation_ends_what_is_open(place: Town, post: Post, kind: Kind) -> None:
    """Issue 4, part 2; a keep-alive connection carries nothing, and its next request is refused."""
    holder, other = place.holder(post), place.holder(post)
    transfer, bystander = open_transfer(holder, kind), open_transfer(other, "keep-alive")

    done = place.ca.revoke(holder.serial_number)
    (effect,) = (one for one in known(post).effects_of(done.epoch, done.at) if one.edge == "edge-1")

    assert effect.state == "effective"
    assert holder.status() == 403
    if kind == "keep-alive":
        assert b" 403 " in transfer.ask_again()
    else:
        assert transfer.wait_until_closed()
        assert effect.connections_closed == 1
    assert b" 200 " in bystander.ask_again()


def test_a_hold_denies_until_it_is_released(place: Town, post: Post) -> None:
    holder = place.holder(post)
    transfer = open_transfer(holder, "websocket")

    held = place.ca.hold(holder.serial_number)
    known(post).effects_of(held.epoch, held.at)
    assert holder.status() == 403
    assert transfer.wait_until_closed()

    released = place.ca.release(holder.serial_number)
    known(post).effects_of(released.epoch, released.at)
    assert holder.status() == 200


def test_each_edge_s_effect_stands_on_the_receipt(place: Town, posts: tuple[Post, Post]) -> None:
    first, second = posts
    holder = place.holder(second)

    done = place.ca.revoke(holder.serial_number)
    effects = known(first).effects_of(done.epoch, done.at)

    assert [(one.edge, one.state) for one in effects] == [
        ("edge-1", "effective"),
        ("edge-2", "effective"),
    ]
    assert all(one.refused_after_ms is not None for one in effects)
    assert holder.status() == 403


def test_a_session_that_ended_is_refused_with_its_token_and_closed(place: Town, post: Post) -> None:
    holder = place.holder(post)
    transfer = open_transfer(holder, "websocket")
    limits = SessionLimits(TRUST, TRUST)

    with place.database.writing() as session:
        Sessions(SystemClock(), SystemRandomness(), limits).end(
            session, holder.session_id, "suspended"
        )

    assert transfer.wait_until_closed()
    refused = holder.client.ask(
        "/apps/app/x", cookies=holder.cookies(), headers={"Accept": "application/json"}
    )
    assert (refused.status, refused.document["type"].rpartition("/")[2]) == (401, "login-required")


def test_without_its_agent_the_door_shuts_and_a_new_agent_opens_it(place: Town, post: Post) -> None:
    holder, fallen = place.holder(post), place.holder(post)
    connection = holder.client.connect()
    assert ask_on(connection, "/apps/app/x", cookies=holder.cookies()).status == 200

    post.stop_agent()
    place.ca.revoke(fallen.serial_number)

    assert until(lambda: holder.status() == SHUT)
    assert ask_on(connection, "/apps/app/x", cookies=holder.cookies()).status == SHUT
    connection.close()
    post.start_agent()
    assert holder.status() == 200
    assert fallen.status() == 403


def test_a_restarted_haproxy_lets_nobody_in_before_it_was_loaded(place: Town, post: Post) -> None:
    holder, fallen = place.holder(post), place.holder(post)
    place.ca.revoke(fallen.serial_number)
    post.stop_agent()
    post.edge.kill()
    post.edge.start()
    assert holder.status() == SHUT

    post.start_agent()
    assert (holder.status(), fallen.status()) == (200, 403)

    # Under a running agent too.
    post.edge.kill()
    post.edge.start()
    assert until(lambda: holder.status() == 200)
    assert fallen.status() == 403


def test_without_the_database_the_door_shuts_and_opens_again_by_itself(
    place: Town, post: Post, postgresql_cluster: Cluster
) -> None:
    holder = place.holder(post)
    away = Database(postgresql_cluster.url("postgres"))

    def let_connections(allowed: bool) -> None:
        with away.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"ALTER DATABASE edge_agent ALLOW_CONNECTIONS {allowed}"))
            if not allowed:
                connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE datname = 'edge_agent'"
                    )
                )

    try:
        let_connections(False)
        assert until(lambda: holder.status() == SHUT)
    finally:
        let_connections(True)
        away.dispose()
    assert until(lambda: holder.status() == 200)
