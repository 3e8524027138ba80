"""Every change of revocation state is in the journal before it is true (issue 3, part 7)."""

import pytest
from sqlalchemy import select

from ca.journal.entry import JournalEntry
from ca.journal.file import JournalFile
from ca.journal.models import JournalHead
from foundation.database import Database, before_commit
from foundation.errors import Denied
from tests.support.journaled import JournaledCa, journaled_from
from tests.support.revocation import SECURITY_OFFICER


def entries(journaled: JournaledCa) -> list[JournalEntry]:
    lines = list(JournalFile(journaled.path).lines_from_the_end())[::-1]
    return [entry for line in lines for entry in line.entries]


def head(database: Database) -> str:
    with database.reading() as session:
        return session.scalars(select(JournalHead.head)).one()


def test_the_journal_tells_each_act_in_its_order(journaled: JournaledCa) -> None:
    ca = journaled.revocable
    first, second = ca.issue(), ca.issue()
    reserved, _ = ca.ca.prepare()

    held = ca.hold(first.serial_number)
    released = ca.release(first.serial_number)
    revoked = ca.revoke(second.serial_number, "superseded")
    ca.revoke(reserved)

    told = entries(journaled)
    assert [(entry.act, entry.serial_number) for entry in told] == [
        ("held", first.serial_number),
        ("released", first.serial_number),
        ("revoked", second.serial_number),
        ("abandoned", reserved),
    ]
    assert [entry.epoch for entry in told] == [1, 2, 3, 4]
    assert [entry.epoch for entry in told[:3]] == [held.epoch, released.epoch, revoked.epoch]
    last = told[2]
    assert (last.issuer, last.reason, last.at) == ("issuing", "superseded", revoked.at)
    assert last.crl_number == revoked.crl_number
    assert last.not_after == second.certificate.not_valid_after_utc


def test_the_database_knows_the_last_line(journaled: JournaledCa) -> None:
    journaled.revocable.revoke(journaled.revocable.issue().serial_number)

    newest = next(JournalFile(journaled.path).lines_from_the_end())
    assert head(journaled.database) == newest.hash
    assert journaled.settle().reconciled.count == 0


def test_many_revoked_at_once_are_one_line(journaled: JournaledCa) -> None:
    ca = journaled.revocable
    numbers = sorted(ca.issue().serial_number for _ in range(3))
    before = len(list(JournalFile(journaled.path).lines_from_the_end()))

    with journaled.database.writing() as session:
        ca.revocation.revoke_all(session, numbers, "keyCompromise", SECURITY_OFFICER)

    lines = list(JournalFile(journaled.path).lines_from_the_end())
    assert len(lines) == before + 1
    assert sorted(entry.serial_number for entry in lines[0].entries) == numbers


def test_an_act_that_fails_is_not_told(journaled: JournaledCa) -> None:
    serial_number = journaled.revocable.issue().serial_number
    with pytest.raises(ZeroDivisionError), journaled.database.writing() as session:  # noqa: PT012
        journaled.revocable.revocation.revoke(
            session, serial_number, "keyCompromise", SECURITY_OFFICER
        )
        raise ZeroDivisionError

    assert entries(journaled) == []


def test_an_act_whose_commit_fails_is_completed_by_the_next_comparison(
    journaled: JournaledCa,
) -> None:
    ca = journaled.revocable
    serial_number = ca.issue().serial_number

    def fail() -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError), journaled.database.writing() as session:  # noqa: PT012
        ca.revocation.revoke(session, serial_number, "keyCompromise", SECURITY_OFFICER)
        before_commit(session, fail)
    assert ca.state_of(serial_number) == "good"

    assert journaled.settle().reconciled.revoked == 1

    assert ca.state_of(serial_number) == "revoked"
    assert journaled.settle().reconciled.count == 0


def test_a_line_that_no_act_followed_is_refused_as_soon_as_another_act_meets_it(
    journaled: JournaledCa,
) -> None:
    """Nobody compares between two acts: the second one finds the line of the first."""
    ca = journaled.revocable
    forgotten, other, bystander = ca.issue(), ca.issue(), ca.issue()
    with pytest.raises(ConnectionError), journaled.database.writing() as session:  # noqa: PT012
        ca.revocation.revoke(session, forgotten.serial_number, "keyCompromise", SECURITY_OFFICER)
        before_commit(session, lambda: (_ for _ in ()).throw(ConnectionError))
    ca.verify(forgotten.certificate)

    ca.revoke(other.serial_number)

    with pytest.raises(Denied) as denied:
        ca.verify(forgotten.certificate)
    assert denied.value.code == "certificate-revoked"
    ca.verify(bystander.certificate)

    assert journaled.settle().reconciled.revoked == 1
    assert ca.state_of(forgotten.serial_number) == "revoked"
    assert ca.listed(forgotten.serial_number) is not None


def test_a_journal_that_cannot_be_written_does_not_keep_a_lost_key_alive(
    journaled: JournaledCa,
) -> None:
    ca = journaled.revocable
    first, second = ca.issue(), ca.issue()
    kept = journaled.path.rename(journaled.path.with_name("elsewhere"))

    ca.revoke(first.serial_number)
    assert ca.state_of(first.serial_number) == "revoked"
    assert not journaled.path.exists()

    kept.rename(journaled.path)
    ca.revoke(second.serial_number)
    assert [entry.serial_number for entry in entries(journaled)] == [
        first.serial_number,
        second.serial_number,
    ]


def test_what_could_not_be_written_is_caught_up(journaled: JournaledCa) -> None:
    ca = journaled.revocable
    serial_number = ca.issue().serial_number
    kept = journaled.path.rename(journaled.path.with_name("elsewhere"))
    ca.revoke(serial_number)
    kept.rename(journaled.path)

    journaled.journal.catch_up(journaled.database)

    assert [entry.serial_number for entry in entries(journaled)] == [serial_number]
    size = journaled.path.stat().st_size
    journaled.journal.catch_up(journaled.database)
    assert journaled.path.stat().st_size == size


def test_each_node_has_every_act_in_its_own_journal(journaled: JournaledCa) -> None:
    here = journaled
    there = journaled_from(journaled.revocable, journaled.path.with_name("other-node"))
    with here.database.writing() as session:
        there.journal.begin(session)
    numbers = [here.revocable.issue().serial_number for _ in range(4)]

    here.revocable.revoke(numbers[0])
    there.revocable.revoke(numbers[1])
    here.revocable.revoke(numbers[2])
    here.revocable.revoke(numbers[3])
    there.journal.catch_up(there.database)

    for node in (here, there):
        assert [entry.serial_number for entry in entries(node)] == numbers
        assert node.settle().reconciled.count == 0


def test_a_journal_begins_with_what_was_revoked_before_it(journaled: JournaledCa) -> None:
    """An installation from before journals, or a new node."""
    ca = journaled.revocable
    revoked, held, good = ca.issue(), ca.issue(), ca.issue()
    ca.revoke(revoked.serial_number)
    ca.hold(held.serial_number)

    later = journaled_from(ca, journaled.path.with_name("later"))
    with later.database.writing() as session:
        later.journal.begin(session)

    told = {entry.serial_number: entry.act for entry in entries(later)}
    assert told == {revoked.serial_number: "revoked", held.serial_number: "held"}
    assert good.serial_number not in told
