"""A database from the past, and a journal that is damaged, foreign or gone (issue 3, part 7)."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from ca.epoch import advance_epoch_past
from ca.journal.entry import read_line
from ca.journal.errors import JournalDamaged, JournalForeign
from ca.journal.file import JournalFile
from ca.journal.models import JournalHead
from ca.journal.unreconciled import (
    AUDIT_LOG_CUT,
    find_standing,
    set_standing,
)
from ca.models import CertificateRecord
from foundation.audit import AuditEntry
from tests.support.journaled import OPERATOR, CopyDatabase, JournaledCa, journaled_from


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"revoked"', b'"forgivn"'))


def test_a_damaged_journal_lets_nobody_in_until_a_good_copy_comes(
    journaled: JournaledCa, copy_database: CopyDatabase, tmp_path: Path
) -> None:
    revoked, good = journaled.revocable.issue(), journaled.revocable.issue()
    past = copy_database(journaled.database)
    journaled.revocable.revoke(revoked.serial_number)
    copy = tmp_path / "copy"
    copy.write_bytes(journaled.path.read_bytes())
    damage(journaled.path)
    back = journaled.on(past)

    settled = back.settle()

    assert (settled.standing, settled.problem) == ("closed", "revocation-journal-damaged")
    assert back.refusal(good) == "revocations-unknown"
    with pytest.raises(JournalDamaged):
        back.settlement.reconcile_with_journals([journaled.path], OPERATOR)

    done = back.settlement.reconcile_with_journals([copy], OPERATOR)

    assert done.revoked == 1
    back.revocable.verify(good.certificate)
    assert back.refusal(revoked) == "certificate-revoked"
    assert back.settle().standing == "known"
    back.revocable.revoke(good.serial_number)
    assert back.settle().reconciled.count == 0


def test_a_journal_that_lost_its_beginning_lets_nobody_in(
    journaled: JournaledCa, copy_database: CopyDatabase, tmp_path: Path
) -> None:
    issued = [journaled.revocable.issue() for _ in range(2)]
    past = copy_database(journaled.database)
    journaled.revocable.revoke(issued[0].serial_number)
    journaled.revocable.revoke(issued[1].serial_number)
    whole = tmp_path / "whole"
    whole.write_bytes(journaled.path.read_bytes())
    journaled.path.write_bytes(whole.read_bytes().splitlines(keepends=True)[-1])
    back = journaled.on(past)

    assert back.settle().problem == "revocation-journal-damaged"
    assert back.settlement.reconcile_with_journals([whole], OPERATOR).revoked == 2
    assert back.settle().standing == "known"


def test_a_journal_that_goes_on_from_another_line_lets_nobody_in(journaled: JournaledCa) -> None:
    """Another database wrote where this one had written: what it lost in between is not told."""
    for _ in range(2):
        journaled.revocable.revoke(journaled.revocable.issue().serial_number)
    with journaled.database.writing() as session:
        head = session.scalars(select(JournalHead)).one()
        head.head, head.last_epoch = "0" * 64, head.last_epoch - 1

    assert journaled.settle().problem == "revocation-journal-foreign"


def test_epochs_that_no_line_tells_of_let_nobody_in(
    journaled: JournaledCa, copy_database: CopyDatabase
) -> None:
    """Somebody changed standing around the journal, and the database is from before."""
    issued = journaled.revocable.issue()
    past = copy_database(journaled.database)
    with journaled.database.writing() as session:
        epoch = advance_epoch_past(session, 5)
        journaled.journal.settle(session)
    line = next(JournalFile(journaled.path).lines_from_the_end())
    assert (line.first, line.last) == (1, epoch)
    # A single one is enough.
    rewritten = line.model_copy(update={"first": 2})
    kept = journaled.path.read_bytes().splitlines(keepends=True)[:-1]
    journaled.path.write_bytes(b"".join(kept) + rewritten.written())

    back = journaled.on(past)

    assert back.settle().problem == "revocation-journal-gap"
    assert back.refusal(issued) == "revocations-unknown"


def test_journals_of_two_nodes_are_read_together(
    journaled: JournaledCa, copy_database: CopyDatabase, tmp_path: Path
) -> None:
    here, there = journaled, journaled_from(journaled.revocable, tmp_path / "there")
    with here.database.writing() as session:
        there.journal.begin(session)
    first, second, third = (here.revocable.issue() for _ in range(3))
    past = copy_database(here.database)
    here.revocable.revoke(first.serial_number)
    there.revocable.hold(second.serial_number)
    there.revocable.release(second.serial_number)
    here.revocable.revoke(third.serial_number)

    back = here.on(past)
    done = back.settlement.reconcile_with_journals([here.path, there.path], OPERATOR)

    assert (done.revoked, done.held) == (2, 0)
    back.revocable.verify(second.certificate)


def test_a_journal_of_another_installation_is_refused(
    journaled: JournaledCa, tmp_path: Path
) -> None:
    content = journaled.path.read_text()
    line = read_line(content.splitlines()[-1].encode())
    foreign = tmp_path / "foreign"
    foreign.write_bytes(line.model_copy(update={"root": "ee" * 32}).written())

    with pytest.raises(JournalForeign):
        journaled.settlement.reconcile_with_journals([foreign], OPERATOR)


def test_a_journal_that_was_put_elsewhere_and_is_gone_lets_nobody_in(
    journaled: JournaledCa,
) -> None:
    issued = journaled.revocable.issue()
    elsewhere = journaled_from(journaled.revocable, journaled.path, elsewhere=True)
    kept = journaled.path.rename(journaled.path.with_name("unmounted"))

    assert elsewhere.settle().standing == "closed"
    assert elsewhere.refusal(issued) == "revocations-unknown"
    assert not journaled.path.exists()

    kept.rename(journaled.path)
    assert elsewhere.settle().standing == "known"
    elsewhere.revocable.verify(issued.certificate)


def test_an_operator_can_say_that_nothing_was_revoked(journaled: JournaledCa) -> None:
    issued = journaled.revocable.issue()
    damage_begins = journaled.revocable.issue()
    journaled.revocable.revoke(damage_begins.serial_number)
    damage(journaled.path)
    with journaled.database.writing() as session:
        set_standing(session, "closed", problem="revocation-journal-damaged")

    journaled.settlement.confirm(OPERATOR)

    journaled.revocable.verify(issued.certificate)
    assert journaled.settle().standing == "known"
    with journaled.database.reading() as session:
        actions = session.scalars(select(AuditEntry.action)).all()
    assert "revocations.confirmed" in actions
    # The damaged file is kept for whoever wants to know more.
    assert len(list(journaled.path.parent.glob("revocations.journal*"))) == 2


def test_without_a_journal_in_its_usual_place_it_serves_and_says_so(
    journaled: JournaledCa,
) -> None:
    issued = journaled.revocable.issue()
    journaled.path.unlink()

    settled = journaled.settle()

    if journaled.database.is_sqlite:
        assert settled.standing == "unconfirmed"
    else:
        # A node that is new to the cluster has none yet.
        assert settled.standing == "known"
    journaled.revocable.verify(issued.certificate)
    assert journaled.path.exists()
    with journaled.database.reading() as session:
        assert find_standing(session).standing == settled.standing


def test_nothing_is_entered_twice(journaled: JournaledCa, copy_database: CopyDatabase) -> None:
    past = copy_database(journaled.database)
    lost = journaled.revocable.issue()
    journaled.revocable.revoke(lost.serial_number)
    back = journaled.on(past)
    back.settle()
    back.settlement.reconcile_with_journals([journaled.path], OPERATOR)
    with past.reading() as session:
        count = session.scalar(
            select(func.count())
            .select_from(CertificateRecord)
            .where(CertificateRecord.serial_number == lost.serial_number)
        )
    assert count == 1


def test_a_log_that_was_cut_stays_the_question_whatever_the_journal_tells(
    journaled: JournaledCa, copy_database: CopyDatabase
) -> None:
    revoked, good = journaled.revocable.issue(), journaled.revocable.issue()
    past = copy_database(journaled.database)
    journaled.revocable.revoke(revoked.serial_number)
    back = journaled.on(past)
    back.settlement.close(AUDIT_LOG_CUT, OPERATOR)

    settled = back.settle()

    assert (settled.standing, settled.problem) == ("closed", AUDIT_LOG_CUT)
    assert settled.reconciled.revoked == 1
    assert back.refusal(good) == "revocations-unknown"
    back.settlement.confirm(OPERATOR)
    back.revocable.verify(good.certificate)
    assert back.refusal(revoked) == "certificate-revoked"
