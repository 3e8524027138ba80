"""The agent's logic with a clock that stands still and a HAProxy in memory; both databases."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from ca.journal.unreconciled import set_standing
from ca.models import RevocationEpoch
from foundation.database import Database
from foundation.errors import Conflict
from gateway.edge.agent.agent import EdgeAgent
from gateway.edge.agent.errors import ProxyAway
from gateway.edge.agent.proxy import LiveStream
from gateway.edge.agent.reporting import Reporting
from gateway.edge.registry import EdgeRegistry, KnownEdges
from gateway.edge.serial_numbers import serial_as_haproxy_prints as printed
from gateway.sessions import SessionRecord
from tests.support.clock import FakeClock
from tests.support.memory_proxy import MemoryProxy
from tests.support.revocation import RevocableCa, make_revocable

TRUST = timedelta(seconds=10)
TOKEN_LIFE = timedelta(minutes=5)
AWAY = timedelta(seconds=30)


@dataclass
class Scene:
    """An agent, its HAProxy in memory, and a CA on one clock."""

    ca: RevocableCa
    proxy: MemoryProxy
    former: list[MemoryProxy]
    keys: dict[str, str]
    registry: EdgeRegistry

    @property
    def clock(self) -> FakeClock:
        return self.ca.ca.clock

    @property
    def now(self) -> int:
        return int(self.clock.now().timestamp())

    def agent(self, name: str = "edge-1", instance: str = "first") -> EdgeAgent:
        database = self.ca.database
        return EdgeAgent(
            database=database,
            clock=self.clock,
            proxy=self.proxy,
            former=lambda: self.former,
            token_keys=lambda _: self.keys,
            reporting=Reporting(database, self.registry, self.clock, name, instance),
            trust=TRUST,
            token_life=TOKEN_LIFE,
        )

    def ended(self, *serial_numbers: str, reason: str = "revoked") -> dict[str, str]:
        return {printed(number): reason for number in serial_numbers}

    def session(self, serial_number: str) -> int:
        record = SessionRecord(
            token_digest=serial_number,
            username="wh000123",
            serial_number=serial_number,
            certificate_digest="AB",
            started_at=self.clock.now(),
            last_seen_at=self.clock.now(),
            expires_at=self.clock.now() + timedelta(hours=1),
        )
        with self.ca.database.writing() as session:
            session.add(record)
            session.flush()
        return record.id

    def end_session(self, number: int, reason: str) -> None:
        with self.ca.database.writing() as session:
            session.execute(
                update(SessionRecord)
                .where(SessionRecord.id == number)
                .values(ended_at=self.clock.now(), end_reason=reason)
            )


@pytest.fixture
def scene(database: Database, tmp_path: Path) -> Scene:
    ca = make_revocable(database, tmp_path)
    return Scene(ca, MemoryProxy(), [], {"k1": "s1"}, EdgeRegistry(ca.ca.clock, AWAY))


def test_it_loads_everything_behind_a_closed_door_and_follows(scene: Scene) -> None:
    revoked, held, later = (scene.ca.issue().serial_number for _ in range(3))
    scene.ca.revoke(revoked)
    scene.ca.hold(held)
    agent = scene.agent()

    assert not agent.look()
    assert scene.proxy.denied == scene.ended(revoked) | scene.ended(held, reason="held")
    assert scene.proxy.maps["token-keys"] == {"k1": "s1"}
    assert scene.proxy.lease == scene.now + 10

    scene.ca.revoke(later)
    scene.ca.release(held)
    scene.keys = {"k2": "s2"}
    scene.clock.advance(seconds=1)
    agent.look()
    assert scene.proxy.denied == scene.ended(revoked, later)
    assert scene.proxy.maps["token-keys"] == {"k2": "s2"}
    assert scene.proxy.lease == scene.now + 10

    # Between two looks: held and released leaves no trace, held and revoked changes the reason.
    first, second = (scene.ca.issue().serial_number for _ in range(2))
    scene.ca.hold(first)
    scene.ca.release(first)
    scene.ca.hold(second)
    agent.look()
    assert scene.proxy.denied == scene.ended(revoked, later) | scene.ended(second, reason="held")
    scene.ca.revoke(second)
    agent.look()
    assert scene.proxy.denied == scene.ended(revoked, later, second)
    assert scene.proxy.loads == 1, "never loaded again"


def test_a_process_that_was_started_anew_is_not_opened_before_it_is_loaded(scene: Scene) -> None:
    revoked = scene.ca.issue().serial_number
    agent = scene.agent()
    agent.look()
    scene.ca.revoke(revoked)

    scene.proxy.restart()
    assert agent.look(), "it has to be loaded at once"
    assert scene.proxy.lease is None

    assert not agent.look()
    assert scene.proxy.denied == scene.ended(revoked)
    assert scene.proxy.lease == scene.now + 10


def test_no_news_for_longer_than_the_lease_means_a_whole_load(scene: Scene) -> None:
    agent = scene.agent()
    agent.look()
    opened = scene.proxy.lease

    scene.proxy.is_away = True
    scene.clock.advance(seconds=9)
    with pytest.raises(ProxyAway):
        agent.look()
    scene.proxy.is_away = False
    agent.look()
    assert scene.proxy.loads == 1
    assert scene.proxy.lease == scene.now + 10 != opened

    scene.clock.advance(seconds=11)
    agent.look()
    assert scene.proxy.loads == 2


def test_a_database_that_went_back_means_a_whole_load(scene: Scene) -> None:
    revoked = scene.ca.issue().serial_number
    agent = scene.agent()
    agent.look()
    scene.ca.revoke(revoked)
    agent.look()
    with scene.ca.database.writing() as session:
        session.execute(update(RevocationEpoch).values(value=0))

    assert agent.look()
    agent.look()
    assert scene.proxy.loads == 2
    assert scene.proxy.denied == scene.ended(revoked)


def test_while_it_is_not_known_what_was_revoked_nobody_is_let_in(scene: Scene) -> None:
    agent = scene.agent()
    agent.look()
    with scene.ca.database.writing() as session:
        set_standing(session, "closed", since=scene.clock.now(), problem="journal-missing")
    agent.look()
    assert scene.proxy.lease == 0

    with scene.ca.database.writing() as session:
        set_standing(session, "known")
    agent.look()
    assert scene.proxy.lease == scene.now + 10


def test_streams_fall_with_their_certificate_in_former_processes_too(scene: Scene) -> None:
    fallen, other = (scene.ca.issue().serial_number for _ in range(2))
    former = MemoryProxy()
    scene.former = [former]
    for proxy in (scene.proxy, former):
        proxy.under_way = [LiveStream("0x1", "a:1", 5), LiveStream("0x2", "b:2", 5)]
    agent = scene.agent()
    agent.look()
    for proxy in (scene.proxy, former):
        proxy.add("connections", [("a:1", printed(fallen)), ("b:2", printed(other))])

    done = scene.ca.revoke(fallen)
    agent.look()

    assert scene.proxy.shut == former.shut == ["0x1"]
    assert former.denied == scene.ended(fallen)
    assert former.lease is None, "a process that ends gets no lease"
    effects = KnownEdges(scene.ca.database, scene.registry, TRUST).effects_of(done.epoch, done.at)
    assert [(one.state, one.refused_after_ms, one.connections_closed) for one in effects] == [
        ("effective", 0, 2)
    ]


def test_sessions_are_refused_while_a_token_of_theirs_may_be_good(scene: Scene) -> None:
    serial = scene.ca.issue().serial_number
    earlier, later = scene.session(serial), scene.session(scene.ca.issue().serial_number)
    scene.end_session(earlier, "suspended")
    agent = scene.agent()
    agent.look()
    assert scene.proxy.maps["denied-sessions"] == {str(earlier): "suspended"}

    scene.clock.advance(seconds=5)
    scene.end_session(later, "logout")
    agent.look()
    assert scene.proxy.maps["denied-sessions"] == {str(earlier): "suspended", str(later): "logout"}

    for _ in range(41):
        scene.clock.advance(seconds=9)
        agent.look()
    assert scene.proxy.maps["denied-sessions"] == {}
    assert scene.proxy.loads == 1


def test_who_logs_out_gets_the_answer_before_what_was_open_is_closed(scene: Scene) -> None:
    serial = scene.ca.issue().serial_number
    number = scene.session(serial)
    agent = scene.agent()
    agent.look()
    scene.proxy.add("connections", [("a:1", printed(serial))])
    scene.proxy.under_way = [LiveStream("0x1", "a:1", 60), LiveStream("0x2", "a:1", 1)]

    scene.end_session(number, "logout")
    agent.look()
    assert scene.proxy.shut == []
    scene.clock.advance(seconds=4)
    agent.look()

    assert scene.proxy.shut == ["0x1"], "what began after the logout is not meant"


def test_a_name_belongs_to_the_agent_that_came_last(scene: Scene) -> None:
    first = scene.agent(instance="first")
    first.look()
    scene.agent(instance="second").look()
    scene.clock.advance(seconds=5)

    with pytest.raises(Conflict, match="edge-name-taken"):
        first.look()


def test_a_receipt_says_who_is_pending_and_who_is_away(scene: Scene) -> None:
    serial = scene.ca.issue().serial_number
    scene.agent("edge-1").look()
    scene.clock.advance(seconds=40)
    scene.agent("edge-2").look()
    done = scene.ca.revoke(serial)
    waited: list[float] = []
    known = KnownEdges(scene.ca.database, scene.registry, timedelta(seconds=1), waited.append)

    effects = known.effects_of(done.epoch, done.at)

    assert [(one.edge, one.state) for one in effects] == [("edge-1", "away"), ("edge-2", "pending")]
    assert 1 <= sum(waited) < 1.1, "no longer than policy says"
    assert [edge.name for edge in known.of_concern()] == ["edge-1"]

    with scene.ca.database.writing() as session:
        scene.registry.forget(session, "edge-1")
        scene.registry.forget(session, "edge-2")
    waited.clear()
    assert known.effects_of(done.epoch, done.at) == ()
    assert waited == []
