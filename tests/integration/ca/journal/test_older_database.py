"""A database from the past, and what was revoked since (issue 3, part 7)."""

from pathlib import Path

import pytest
from cryptography.x509.ocsp import OCSPCertStatus
from sqlalchemy import func, select

from ca.crl.shards import DEFAULT_SHARDS
from ca.epoch import advance_epoch_past, read_epoch
from ca.journal.entry import read_line
from ca.journal.errors import JournalDamaged, JournalForeign
from ca.journal.file import JournalFile
from ca.journal.unreconciled import (
    AUDIT_LOG_CUT,
    find_standing,
    find_unreconciled,
    set_standing,
)
from ca.models import CertificateRecord
from ca.records import find_record
from foundation.audit import AuditEntry, verify_chain
from foundation.errors import Denied, Failure, Unavailable
from tests.support.certification import Issued
from tests.support.journaled import OPERATOR, CopyDatabase, JournaledCa, journaled_from


def refusal(journaled: JournaledCa, issued: Issued) -> str:
    with pytest.raises(Failure) as refused:
        journaled.revocable.verify(issued.certificate)
    assert isinstance(refused.value, Denied | Unavailable)
    return refused.value.code


def test_what_was_revoked_since_is_revoked_again(
    journaled: JournaledCa, copy_database: CopyDatabase
) -> None:
    ca = journaled.revocable
    revoked, held, good = ca.issue(), ca.issue(), ca.issue()
    past = copy_database(journaled.database)
    done = ca.revoke(revoked.serial_number, "keyCompromise")
    ca.hold(good.serial_number)
    ca.release(good.serial_number)
    newest = ca.hold(held.serial_number)
    ca.ca.clock.advance(days=1)

    back = journaled.on(past)
    settled = back.settle()

    assert settled.standing == "known"
    assert (settled.reconciled.revoked, settled.reconciled.held) == (1, 1)
    assert refusal(back, revoked) == "certificate-revoked"
    assert refusal(back, held) == "certificate-revoked"
    back.revocable.verify(good.certificate)
    listed = back.revocable.listed(revoked.serial_number)
    assert listed is not None
    # The new list says what the forgotten one said.
    assert listed.revocation_date_utc == done.at.replace(microsecond=0)
    assert back.revocable.ask(held.serial_number).certificate_status is OCSPCertStatus.REVOKED
    with past.reading() as session:
        record = find_record(session, revoked.serial_number)
        assert record is not None
        assert (record.state, record.reason, record.revoked_at) == (
            "revoked", "keyCompromise", done.at,
        )  # fmt: skip
        verify_chain(session)
        assert read_epoch(session) > newest.epoch


def test_a_release_that_was_committed_is_done_again(
    journaled: JournaledCa, copy_database: CopyDatabase
) -> None:
    ca = journaled.revocable
    issued, other = ca.issue(), ca.issue()
    ca.hold(issued.serial_number)
    past = copy_database(journaled.database)
    ca.release(issued.serial_number)
    ca.hold(other.serial_number)

    back = journaled.on(past)
    assert back.settle().reconciled.released == 1
    back.revocable.verify(issued.certificate)


def test_a_release_that_nothing_proves_is_not_done_again(
    journaled: JournaledCa, copy_database: CopyDatabase
) -> None:
    ca = journaled.revocable
    issued = ca.issue()
    ca.hold(issued.serial_number)
    past = copy_database(journaled.database)
    ca.release(issued.serial_number)

    back = journaled.on(past)
    assert back.settle().reconciled.released == 0
    assert refusal(back, issued) == "certificate-revoked"


def test_a_certificate_that_is_lost_is_revoked_by_its_number(
    journaled: JournaledCa, copy_database: CopyDatabase
) -> None:
    ca = journaled.revocable
    past = copy_database(journaled.database)
    lost, held = ca.issue(), ca.issue()
    ca.revoke(lost.serial_number, "superseded")
    ca.hold(held.serial_number)

    back = journaled.on(past)
    settled = back.settle()

    assert settled.reconciled.lost == 2
    for issued, reason in ((lost, "superseded"), (held, "unspecified")):
        # Nobody here can tell it from a forgery any more.
        assert refusal(back, issued) == "certificate-untrusted"
        assert back.revocable.listed(issued.serial_number) is not None
        answer = back.revocable.ask(issued.serial_number)
        assert answer.certificate_status is OCSPCertStatus.REVOKED
        with past.reading() as session:
            record = find_record(session, issued.serial_number)
            assert record is not None
            assert (record.state, record.reason, record.der) == ("revoked", reason, None)
            assert record.not_after == issued.certificate.not_valid_after_utc
            assert record.crl_shard == int(issued.serial_number, 16) % DEFAULT_SHARDS


def test_a_slip_whose_certificate_was_revoked_since_cannot_be_picked_up_again(
    journaled: JournaledCa, copy_database: CopyDatabase
) -> None:
    """In the past it is only prepared; its certificate is in somebody's hands."""
    ca = journaled.revocable
    serial_number, _ = ca.ca.prepare()
    abandoned, _ = ca.ca.prepare()
    past = copy_database(journaled.database)
    ca.ca.issuance.complete(journaled.database, serial_number, OPERATOR)
    ca.revoke(serial_number)
    ca.revoke(abandoned)

    back = journaled.on(past)
    settled = back.settle()

    assert (settled.reconciled.revoked, settled.reconciled.abandoned) == (1, 1)
    assert back.revocable.state_of(serial_number) == "revoked"
    assert back.revocable.listed(serial_number) is not None
    assert back.revocable.state_of(abandoned) == "abandoned"


def test_until_it_is_done_the_certificates_are_refused(
    journaled: JournaledCa, copy_database: CopyDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signer does not answer, so no CRL can be made."""
    ca = journaled.revocable
    revoked, good = ca.issue(), ca.issue()
    past = copy_database(journaled.database)
    ca.revoke(revoked.serial_number)
    back = journaled.on(past)
    back.revocable.verify(revoked.certificate)  # remembered for this epoch

    def unavailable(*_: object) -> None:
        raise Unavailable("key-unavailable", key_name="issuing")

    with monkeypatch.context() as broken:
        broken.setattr(ca.crls, "publish_act", unavailable)
        back.settle()

    assert back.revocable.state_of(revoked.serial_number) == "good"
    assert refusal(back, revoked) == "certificate-revoked"
    back.revocable.verify(good.certificate)
    with past.reading() as session:
        assert find_unreconciled(session) == [revoked.serial_number]

    back.settle()

    assert back.revocable.state_of(revoked.serial_number) == "revoked"
    with past.reading() as session:
        assert find_unreconciled(session) == []


def test_a_database_from_before_the_journal_gets_all_of_it(
    journaled: JournaledCa, copy_database: CopyDatabase, tmp_path: Path
) -> None:
    ca = journaled.revocable
    early, late = ca.issue(), ca.issue()
    past = copy_database(journaled.database)
    ca.revoke(early.serial_number)
    later = journaled_from(ca, tmp_path / "later")
    with later.database.writing() as session:
        later.journal.begin(session)
    later.revocable.revoke(late.serial_number)

    back = later.on(past)
    assert back.settle().reconciled.revoked == 2
    assert refusal(back, early) == "certificate-revoked"
    assert refusal(back, late) == "certificate-revoked"


def test_settling_twice_changes_nothing_more(
    journaled: JournaledCa, copy_database: CopyDatabase
) -> None:
    issued = journaled.revocable.issue()
    past = copy_database(journaled.database)
    journaled.revocable.revoke(issued.serial_number)
    back = journaled.on(past)
    back.settle()
    with past.reading() as session:
        before = session.scalar(select(func.count()).select_from(AuditEntry))

    assert back.settle().reconciled.count == 0

    with past.reading() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == before


def test_the_same_past_can_come_back_twice(
    journaled: JournaledCa, copy_database: CopyDatabase
) -> None:
    first, second = journaled.revocable.issue(), journaled.revocable.issue()
    past, same_past = copy_database(journaled.database), copy_database(journaled.database)
    journaled.revocable.revoke(first.serial_number)
    once = journaled.on(past)
    once.settle()
    once.revocable.revoke(second.serial_number)

    twice = journaled.on(same_past)
    twice.settle()

    for issued in (first, second):
        assert refusal(twice, issued) == "certificate-revoked"


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
    assert refusal(back, good) == "revocations-unknown"
    with pytest.raises(JournalDamaged):
        back.settlement.reconcile_with_journals([journaled.path], OPERATOR)

    done = back.settlement.reconcile_with_journals([copy], OPERATOR)

    assert done.revoked == 1
    back.revocable.verify(good.certificate)
    assert refusal(back, revoked) == "certificate-revoked"
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
    rewritten = line.model_copy(update={"first": epoch})
    kept = journaled.path.read_bytes().splitlines(keepends=True)[:-1]
    journaled.path.write_bytes(b"".join(kept) + rewritten.written())

    back = journaled.on(past)

    assert back.settle().problem == "revocation-journal-gap"
    assert refusal(back, issued) == "revocations-unknown"


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
    assert refusal(elsewhere, issued) == "revocations-unknown"
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
    assert refusal(back, good) == "revocations-unknown"
    back.settlement.confirm(OPERATOR)
    back.revocable.verify(good.certificate)
    assert refusal(back, revoked) == "certificate-revoked"
