"""A PostgreSQL whose machine answers and which says nothing: whoever asks it gets an end."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from foundation.database import AnnouncementListener, Database, take_time
from foundation.database.failures import find_unavailability
from tests.support.relay import Relay, relay_to
from tests.support.resting import rest

SOON = 0.5


@pytest.fixture(params=["postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def relay(database_url: str) -> Iterator[Relay]:
    with relay_to(database_url) as relay:
        yield relay


@pytest.fixture
def there(relay: Relay, database_url: str) -> Iterator[Database]:
    database = Database(relay.url(database_url), within=SOON)
    yield database
    database.dispose()


def backend(database: Database) -> object:
    with database.reading() as session:
        return session.scalar(text("SELECT pg_backend_pid()"))


def test_a_statement_without_an_answer_ends_as_unavailable(there: Database, relay: Relay) -> None:
    before = backend(there)

    with there.reading() as session:
        session.execute(text("SELECT 1"))
        relay.silence()
        with pytest.raises(OperationalError) as raised:
            session.execute(text("SELECT 2"))

    failure = find_unavailability(raised.value)
    assert failure is not None
    assert failure.code == "database-unavailable"
    relay.mend()
    # The late answer belongs to nobody: that connection is not used again.
    assert backend(there) != before


def test_a_transaction_without_an_answer_commits_nothing_later(
    there: Database, relay: Relay, database: Database
) -> None:
    def write() -> None:
        with there.writing() as session:
            session.execute(text("CREATE TABLE half (id int)"))
            relay.silence()
            session.execute(text("INSERT INTO half VALUES (1)"))

    with pytest.raises(OperationalError):
        write()
    relay.mend()

    with database.reading() as session:
        assert session.scalar(text("SELECT to_regclass('half')")) is None


def test_a_pooled_connection_that_fell_silent_is_replaced(there: Database, relay: Relay) -> None:
    """Asked before use, with an end of its own: the server may take longer for a statement."""
    before = backend(there)
    rest(there)
    relay.silence()
    threading.Timer(SOON, relay.mend).start()

    assert backend(there) == before

    rest(there)
    relay.silence()
    with pytest.raises(OperationalError):
        backend(there)
    relay.mend()
    assert backend(there) != before


def test_who_takes_time_waits(there: Database, relay: Relay) -> None:
    with there.reading() as session:
        take_time(session)
        relay.silence()
        threading.Timer(3 * SOON, relay.mend).start()

        assert session.scalar(text("SELECT 1")) == 1


def test_who_listens_hears_again_after_a_silence(there: Database, relay: Relay) -> None:
    heard = threading.Event()
    listener = AnnouncementListener(there, ["certgate_standing"])
    listener.tell(heard.set)
    listener.start()
    try:
        assert heard.wait(20)
        heard.clear()
        relay.cut()
        relay.mend()
        assert heard.wait(20)
    finally:
        listener.stop()
