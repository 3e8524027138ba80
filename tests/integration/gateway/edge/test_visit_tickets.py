"""A ticket is good once, for a minute, for one host and one certificate, on both databases."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from ca.verification import VerifiedCertificate
from foundation.database import Database
from foundation.errors import Denied
from foundation.randomness import SystemRandomness
from gateway.edge.tokens.models import VisitTicket
from gateway.edge.tokens.visits import Visit, Visits
from gateway.sessions import LiveSession, SessionLimits, Sessions, find_ended_sessions
from tests.support.at_once import at_once
from tests.support.clock import FakeClock

HOST = "apps.example"
PATH = "/statements?year=2026"
RANDOMNESS = SystemRandomness()
LIMITS = SessionLimits(idle=timedelta(minutes=30), absolute=timedelta(hours=12))


def certificate(name: str = "wh000001") -> VerifiedCertificate:
    digest = hashlib.sha256(name.encode()).hexdigest().upper()
    return VerifiedCertificate("0A", name, "unit", digest, FakeClock().now() + timedelta(days=365))


class Office:
    """Tickets of one session."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = FakeClock()
        self.visits = Visits(self.clock, RANDOMNESS)
        self.sessions = Sessions(self.clock, RANDOMNESS, LIMITS)
        with database.writing() as session:
            _, self.live = self.sessions.start(session, "wh000001", certificate())

    def issue(self) -> str:
        with self.database.writing() as session:
            return self.visits.issue(session, self.live, HOST, PATH)

    def redeem(self, text: str, host: str = HOST, name: str = "wh000001") -> Visit:
        with self.database.writing() as session:
            return self.visits.redeem(session, text, host, certificate(name))


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def test_a_ticket_leads_to_its_session_and_path_once(office: Office) -> None:
    text = office.issue()
    assert office.redeem(text) == Visit(office.live.id, PATH)
    with pytest.raises(Denied, match="visit-ended"):
        office.redeem(text)


def test_of_many_at_once_one_comes_in(office: Office) -> None:
    text = office.issue()
    results = at_once(6, lambda: office.redeem(text))
    assert [one for one in results if isinstance(one, Visit)] == [Visit(office.live.id, PATH)]
    assert [one.code for one in results if isinstance(one, Denied)] == ["visit-ended"] * 5


@pytest.mark.parametrize(
    ("host", "name"),
    [("other.example", "wh000001"), ("APPS.example", "wh000001"), ("", "wh000001"), (HOST, "wh2")],
)
def test_another_host_or_certificate_gets_nothing_and_uses_nothing_up(
    office: Office, host: str, name: str
) -> None:
    text = office.issue()
    with pytest.raises(Denied, match="visit-ended"):
        office.redeem(text, host, name)
    assert office.redeem(text).path == PATH


def test_a_ticket_is_good_for_a_minute(office: Office) -> None:
    in_time, late = office.issue(), office.issue()
    office.clock.advance(seconds=59)
    assert office.redeem(in_time).path == PATH
    office.clock.advance(seconds=1)
    with pytest.raises(Denied, match="visit-ended"):
        office.redeem(late)


def test_its_text_is_not_kept_and_what_nobody_used_is_forgotten(office: Office) -> None:
    text = office.issue()
    with office.database.reading() as session:
        (row,) = session.scalars(select(VisitTicket)).all()
    assert text not in repr(vars(row))
    assert row.digest == hashlib.sha256(text.encode()).hexdigest()
    office.clock.advance(minutes=1)
    with office.database.writing() as session:
        office.visits.forget_expired(session)
    with office.database.reading() as session:
        assert session.scalars(select(VisitTicket)).all() == []


def test_a_session_is_found_by_its_number_only_while_it_lives(office: Office) -> None:
    def find(name: str = "wh000001") -> LiveSession:
        with office.database.reading() as session:
            return office.sessions.get_live_by_id(session, office.live.id, certificate(name))

    assert find().id == office.live.id
    with pytest.raises(Denied, match="certificate-mismatch"):
        find("wh2")
    office.clock.advance(minutes=30)
    with pytest.raises(Denied, match="login-required"):
        find()


def test_edges_hear_of_sessions_that_an_act_ended(office: Office) -> None:
    with office.database.writing() as session:
        _, other = office.sessions.start(session, "wh000002", certificate())
        office.sessions.end(session, office.live.id, "logout")
    ended_at = office.clock.now()
    office.clock.advance(minutes=1)
    with office.database.writing() as session:
        office.sessions.end(session, other.id, "revoked")

    def ended_since(moment: timedelta) -> set[tuple[int, str]]:
        with office.database.reading() as session:
            found = find_ended_sessions(session, ended_at + moment)
        return {(one.id, one.reason) for one in found}

    assert ended_since(timedelta(0)) == {(office.live.id, "logout"), (other.id, "revoked")}
    assert ended_since(timedelta(seconds=1)) == {(other.id, "revoked")}
    assert ended_since(timedelta(minutes=2)) == set()
