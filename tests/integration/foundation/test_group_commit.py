"""Many writers share one commit, and none of them shares another's fate (issue 3, Speed)."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from foundation.audit import Actor, AuditLog, verify_chain
from foundation.database import Database, after_commit, before_commit
from foundation.database.group_commit import MOST, GroupCommit
from tests.integration.foundation.test_database import PEBBLES, Stumbled
from tests.support.clock import FakeClock
from tests.support.nodes import wait_for

FINDER = Actor.operator()


@dataclass
class Beach:
    """A group that counts its transactions, and can be kept in one until others queue."""

    database: Database
    group: GroupCommit = field(init=False)
    commits: int = 0

    def __post_init__(self) -> None:
        PEBBLES.create(self.database.engine)
        self.group = GroupCommit(self._counted)

    @contextmanager
    def _counted(self) -> Iterator[Session]:
        with self.database.writing() as session:
            yield session
        self.commits += 1

    def numbers(self) -> set[int]:
        with self.database.reading() as session:
            return set(session.scalars(select(PEBBLES.c.number)))

    def _is_waited_in(self, places: int) -> bool:
        return self.group.waiting == places

    def together(self, *works: Callable[[Session], Any]) -> list[Future[Any]]:
        """Do these in one transaction, after one that kept them waiting."""
        let_go, begun = Event(), Event()

        def hold(session: Session) -> None:
            begun.set()
            assert let_go.wait(20)

        with ThreadPoolExecutor(len(works) + 1) as threads:
            first = threads.submit(self.group.do, hold)
            assert begun.wait(20)
            futures = []
            for place, work in enumerate(works, start=1):
                futures.append(threads.submit(self.group.do, work))
                wait_for(partial(self._is_waited_in, place))
            let_go.set()
            first.result()
        return futures


@pytest.fixture
def beach(database: Database) -> Beach:
    return Beach(database)


def find(number: int) -> Callable[[Session], int]:
    def work(session: Session) -> int:
        session.execute(insert(PEBBLES).values(number=number))
        return number

    return work


def stumble_after(number: int) -> Callable[[Session], None]:
    def work(session: Session) -> None:
        find(number)(session)
        raise Stumbled

    return work


def test_a_lone_writer_commits_at_once_and_stumbles_alone(beach: Beach) -> None:
    assert beach.group.do(find(1)) == 1
    with pytest.raises(Stumbled):
        beach.group.do(stumble_after(2))
    assert beach.group.do(find(3)) == 3
    assert (beach.numbers(), beach.commits) == ({1, 3}, 2)


def test_who_comes_during_a_commit_shares_the_next_one(beach: Beach) -> None:
    futures = beach.together(*(find(number) for number in range(5)))
    assert [future.result() for future in futures] == list(range(5))
    assert (beach.numbers(), beach.commits) == (set(range(5)), 2)


def test_more_than_fit_are_all_carried(beach: Beach) -> None:
    futures = beach.together(*(find(number) for number in range(MOST + 2)))
    assert [future.result() for future in futures] == list(range(MOST + 2))
    assert (len(beach.numbers()), beach.commits) == (MOST + 2, 3)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_what_one_raises_undoes_his_work_alone(beach: Beach, place: int) -> None:
    works: list[Callable[[Session], Any]] = [find(1), find(2)]
    works.insert(place, stumble_after(9))
    futures = beach.together(*works)
    assert isinstance(futures.pop(place).exception(), Stumbled)
    assert [future.result() for future in futures] == [1, 2]
    assert beach.numbers() == {1, 2}


def test_a_statement_that_the_database_refuses_is_one_callers_matter(beach: Beach) -> None:
    beach.group.do(find(1))
    twice, other = beach.together(find(1), find(2))
    assert "IntegrityError" in repr(twice.exception())
    assert other.result() == 2
    assert beach.numbers() == {1, 2}


def test_the_audit_chain_holds_whoever_stumbles(beach: Beach) -> None:
    audit = AuditLog(FakeClock())

    def noted(name: str, *, stumbles: bool = False) -> Callable[[Session], None]:
        def work(session: Session) -> None:
            audit.lock_chain(session)
            audit.record(session, "pebble.found", by=FINDER, subject=f"pebble:{name}")
            with session.begin_nested():
                audit.record(session, "pebble.kept", by=FINDER, subject=f"pebble:{name}")
            undone = session.begin_nested()
            audit.record(session, "pebble.thrown", by=FINDER, subject=f"pebble:{name}")
            undone.rollback()
            audit.record(session, "pebble.shown", by=FINDER, subject=f"pebble:{name}")
            if stumbles:
                raise Stumbled

        return work

    beach.together(noted("1"), noted("2", stumbles=True), noted("3"))
    with beach.database.reading() as session:
        assert verify_chain(session) == 6


def test_nobody_is_told_before_the_commit_and_all_are_told_when_it_fails(beach: Beach) -> None:
    told: list[int] = []

    def promising(number: int) -> Callable[[Session], None]:
        def work(session: Session) -> None:
            find(number)(session)
            after_commit(session, lambda: told.append(number))

        return work

    def spoiling(session: Session) -> None:
        def die() -> None:
            raise ConnectionError

        before_commit(session, die)

    futures = beach.together(promising(1), spoiling, promising(2))
    assert [type(future.exception()) for future in futures] == [ConnectionError] * 3
    assert (beach.numbers(), told) == (set(), [])
    assert beach.group.do(find(3)) == 3


def test_what_follows_a_commit_does_not_follow_work_that_was_undone(beach: Beach) -> None:
    told: list[str] = []

    def undone(session: Session) -> None:
        after_commit(session, lambda: told.append("undone"))
        before_commit(session, lambda: told.append("undone before"))
        raise Stumbled

    def done(session: Session) -> None:
        after_commit(session, lambda: told.append("done"))

    beach.together(undone, done)
    assert told == ["done"]


def test_a_death_in_the_middle_reaches_everybody_and_leaves_the_queue_in_order(
    beach: Beach,
) -> None:
    class Death(BaseException):
        """Not an Exception: nothing may take it for one order's failure."""

    def die(session: Session) -> None:
        raise Death

    futures = beach.together(find(1), die, find(2))
    assert [type(future.exception()) for future in futures] == [Death] * 3
    assert beach.numbers() == set()
    assert beach.group.do(find(3)) == 3


def test_when_the_whole_transaction_is_gone_nobody_is_told_that_he_wrote(beach: Beach) -> None:
    def lose(session: Session) -> None:
        # As SQLite does by itself when the disk is full; PostgreSQL's server ends the session.
        if beach.database.is_sqlite:
            session.connection().exec_driver_sql("ROLLBACK")
        else:
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        raise Stumbled

    futures = beach.together(find(1), lose, find(2))
    assert all(future.exception() is not None for future in futures)
    assert beach.numbers() == set()
    assert beach.group.do(find(3)) == 3


def test_a_work_that_opens_a_transaction_is_told_so_and_waits_for_nobody(beach: Beach) -> None:
    with pytest.raises(RuntimeError, match="opens none"):
        beach.group.do(lambda session: beach.group.do(find(1)))
    assert beach.group.do(find(2)) == 2
