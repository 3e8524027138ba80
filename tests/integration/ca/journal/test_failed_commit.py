"""A revocation whose commit failed is in the journal only: what makes the two agree again.

The line is written before the commit (decision 14), so a full disk or a
database that goes away in that moment leaves a line that no act followed.
"""

from collections.abc import Callable

import pytest

from ca.errors import CertificateAlreadyRevoked
from ca.journal.difference import find_unknown
from ca.journal.file import JournalFile
from ca.journal.unreconciled import find_unreconciled
from ca.revocation import RevocationRecord
from foundation.database import after_commit
from foundation.errors import Denied
from tests.support.failing_commit import failing_commit
from tests.support.journaled import CopyDatabase, JournaledCa, journaled_from
from tests.support.revocation import SECURITY_OFFICER, RevocableCa

Act = Callable[[RevocableCa, str], RevocationRecord]


def agree(journaled: JournaledCa) -> bool:
    """Say whether nothing is left to be reconciled: what the doctor asks."""
    with journaled.database.reading() as session:
        unknown = find_unknown(session, [JournalFile(journaled.path)])
        return not unknown.lines and not find_unreconciled(session)


def fail_to_revoke(journaled: JournaledCa, serial_number: str) -> None:
    with failing_commit(journaled.database) as session:
        journaled.revocable.revocation.revoke(
            session, serial_number, "keyCompromise", SECURITY_OFFICER
        )


def fail_to_hold(journaled: JournaledCa, serial_number: str) -> None:
    with failing_commit(journaled.database) as session:
        journaled.revocable.revocation.hold(session, serial_number, SECURITY_OFFICER)


@pytest.mark.parametrize(
    ("fail", "again"),
    [
        (fail_to_revoke, RevocableCa.revoke),
        (fail_to_hold, RevocableCa.hold),
        (fail_to_hold, RevocableCa.revoke),
    ],
)
def test_doing_it_again_is_enough(
    journaled: JournaledCa, fail: Callable[[JournaledCa, str], None], again: Act
) -> None:
    ca = journaled.revocable
    serial_number = ca.issue().serial_number
    fail(journaled, serial_number)
    assert ca.state_of(serial_number) == "good"
    assert not agree(journaled)

    again(ca, serial_number)

    assert agree(journaled)
    assert journaled.settle().reconciled.count == 0


def test_another_act_between_changes_nothing_of_that(journaled: JournaledCa) -> None:
    """The other act finds the line and has the certificate refused; revoking it ends that."""
    ca = journaled.revocable
    certificate, other = ca.issue(), ca.issue()
    fail_to_revoke(journaled, certificate.serial_number)
    ca.revoke(other.serial_number)
    with pytest.raises(Denied):
        ca.verify(certificate.certificate)
    assert not agree(journaled)

    ca.revoke(certificate.serial_number)

    assert agree(journaled)
    with pytest.raises(Denied):
        ca.verify(certificate.certificate)


def test_less_than_what_was_ordered_is_not_enough(journaled: JournaledCa) -> None:
    """Ordered was a revocation; the hold that followed does not take it back."""
    ca = journaled.revocable
    issued = ca.issue()
    fail_to_revoke(journaled, issued.serial_number)

    ca.hold(issued.serial_number)
    assert not agree(journaled)
    ca.release(issued.serial_number)
    with pytest.raises(Denied):
        ca.verify(issued.certificate)

    assert journaled.settle().reconciled.revoked == 1
    assert ca.state_of(issued.serial_number) == "revoked"
    assert agree(journaled)


def test_an_act_that_fails_twice_is_still_open(journaled: JournaledCa) -> None:
    serial_number = journaled.revocable.issue().serial_number
    fail_to_revoke(journaled, serial_number)
    fail_to_revoke(journaled, serial_number)
    assert not agree(journaled)

    journaled.revocable.revoke(serial_number)
    assert agree(journaled)


def test_a_commit_that_was_made_and_not_heard_of_leaves_nothing_open(
    journaled: JournaledCa,
) -> None:
    ca = journaled.revocable
    serial_number = ca.issue().serial_number

    def lose_the_answer() -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError), journaled.database.writing() as session:  # noqa: PT012
        ca.revocation.revoke(session, serial_number, "keyCompromise", SECURITY_OFFICER)
        after_commit(session, lose_the_answer)

    assert ca.state_of(serial_number) == "revoked"
    assert agree(journaled)
    with pytest.raises(CertificateAlreadyRevoked):
        ca.revoke(serial_number)


def test_a_restored_database_still_gets_the_act(
    journaled: JournaledCa, copy_database: CopyDatabase
) -> None:
    """What was done again is not withdrawn from the journal: both lines stay."""
    ca = journaled.revocable
    serial_number = ca.issue().serial_number
    past = copy_database(journaled.database)
    fail_to_revoke(journaled, serial_number)
    ca.revoke(serial_number)

    back = journaled.on(past)
    assert back.settle().reconciled.revoked == 1
    assert back.revocable.state_of(serial_number) == "revoked"
    assert agree(back)


@pytest.mark.parametrize("next_act", ["revoke", "settle"])
def test_what_another_node_did_in_the_same_epoch_is_told_too(
    journaled: JournaledCa, copy_database: CopyDatabase, next_act: str
) -> None:
    """The epoch that failed here is begun anew there: the line here does not tell of it."""
    here = journaled
    there = journaled_from(journaled.revocable, journaled.path.with_name("other-node"))
    with here.database.writing() as session:
        there.journal.begin(session)
    failed, elsewhere, later = (here.revocable.issue().serial_number for _ in range(3))
    past = copy_database(here.database)
    fail_to_revoke(here, failed)
    there.revocable.revoke(elsewhere)
    if next_act == "revoke":
        here.revocable.revoke(later)
    else:
        here.settle()

    back = here.on(past)
    back.settle()

    assert back.revocable.state_of(failed) == "revoked"
    assert back.revocable.state_of(elsewhere) == "revoked"
