"""What is announced is heard after the commit, once, and again after a lost connection."""

import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from foundation.database import AnnouncementListener, Database, announce
from tests.support.postgresql import Cluster

pytestmark = pytest.mark.postgres
SECONDS = 20


class Ear:
    """Counts what it is told; `wait_for` waits for a count."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = threading.Condition()

    def told(self) -> None:
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def wait_for(self, count: int) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.count >= count, SECONDS)


@pytest.fixture
def database(
    postgresql_cluster: Cluster, postgresql_databases: Callable[[str], str]
) -> Iterator[Database]:
    database = Database(postgresql_databases("template0"))
    yield database
    database.dispose()


@pytest.fixture
def listener(database: Database) -> Iterator[AnnouncementListener]:
    listener = AnnouncementListener(database, ["one", "two"])
    yield listener
    listener.stop()


@pytest.fixture
def ear(listener: AnnouncementListener) -> Ear:
    """An ear that has heard of the connection, and nothing yet."""
    ear = Ear()
    listener.tell(ear.told)
    listener.start()
    assert ear.wait_for(1)
    return ear


def test_it_is_heard_when_the_transaction_commits(
    database: Database, listener: AnnouncementListener, ear: Ear
) -> None:
    with database.writing() as session:
        announce(session, "one")
        announce(session, "one")
        before = ear.count
    assert ear.wait_for(2)
    assert before == 1
    assert listener.is_listening

    with database.reading() as session:
        announce(session, "one")
    with database.writing() as session:
        announce(session, "never listened to")
    with database.writing() as session:
        announce(session, "two")

    assert ear.wait_for(3)
    assert ear.count == 3, "nothing of what was rolled back or said elsewhere"


def test_after_a_lost_connection_it_says_that_something_may_have_been_missed(
    database: Database, listener: AnnouncementListener, ear: Ear
) -> None:
    with database.writing() as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query LIKE 'LISTEN%' AND datname = current_database()"
            )
        )

    assert ear.wait_for(2)
    with database.writing() as session:
        announce(session, "two")
    assert ear.wait_for(3)


def test_a_listener_that_fails_does_not_keep_the_others_from_hearing(
    database: Database, listener: AnnouncementListener
) -> None:
    def fail() -> None:
        raise RuntimeError("on purpose")

    ear = Ear()
    listener.tell(fail)
    listener.tell(ear.told)
    listener.start()

    assert ear.wait_for(1)


def test_without_a_server_it_goes_on_trying_and_can_be_stopped() -> None:
    nowhere = Database("postgresql+psycopg://certgate@/x?host=/nonexistent")
    listener = AnnouncementListener(nowhere, ["one"])
    listener.start()
    assert not listener.is_listening
    listener.stop()


def test_sqlite_announces_nothing_and_listens_to_nothing() -> None:
    database = Database("sqlite://")
    with database.writing() as session:
        announce(session, "one")
    listener = AnnouncementListener(database, ["one"])
    listener.start()

    assert not listener.is_listening
    listener.stop()
