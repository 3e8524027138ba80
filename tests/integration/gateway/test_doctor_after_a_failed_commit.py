"""After a revocation that could not be committed, revoking again leaves nothing to say."""

import pytest

from ca.records import get_record
from foundation.audit import Actor
from gateway.composition.jobs import keep_journal
from gateway.doctor.journal_checks import check_revocations
from tests.support.bureau import Bureau
from tests.support.failing_commit import failing_commit

OFFICER = Actor("li.security")


def wrong(bureau: Bureau) -> list[str]:
    return [each.outcome for each in check_revocations(bureau.house) if each.verdict != "good"]


@pytest.fixture
def refused(bureau: Bureau) -> str:
    """The number of a certificate whose revocation was refused at the commit."""
    keep_journal(bureau.house)
    slip = bureau.register_unit()
    bureau.pick_up(slip)
    number = slip.serial_number
    assert wrong(bureau) == []
    with failing_commit(bureau.house.database) as session:
        bureau.house.revocation.revoke(session, number, "keyCompromise", OFFICER)
    assert wrong(bureau) == ["ahead"]
    return number


def test_revoking_again_is_enough(bureau: Bureau, refused: str) -> None:
    with bureau.house.database.writing() as session:
        bureau.house.revocation.revoke(session, refused, "keyCompromise", OFFICER)
    assert wrong(bureau) == []


def test_the_next_minute_does_what_was_ordered(bureau: Bureau, refused: str) -> None:
    keep_journal(bureau.house)
    assert wrong(bureau) == []
    with bureau.house.database.reading() as session:
        assert get_record(session, refused).state == "revoked"
