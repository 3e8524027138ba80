"""The doctor on a node whose journal has not got yet what another node did (decision 14)."""

from datetime import timedelta

from ca.journal.models import RevocationChange
from gateway.composition.jobs import keep_journal
from gateway.doctor.journal_checks import check_revocations
from tests.support.bureau import Bureau


def journal(bureau: Bureau) -> tuple[str, str]:
    """Return what the doctor says of the journal."""
    *_, finding = check_revocations(bureau.house)
    return finding.verdict, finding.outcome


def test_what_another_node_did_a_moment_ago_is_no_fault(bureau: Bureau) -> None:
    """With SQLite there is no other node."""
    keep_journal(bureau.house)
    assert journal(bureau)[1] == "whole"
    now = bureau.clock.now()
    with bureau.house.database.writing() as session:
        session.add(
            RevocationChange(
                epoch=1_000, act="revoked", issuer="issuing", serial_number="1F",
                at=now, reason="superseded", crl_number=2,
            )
        )  # fmt: skip

    at_once = ("wrong", "behind") if bureau.house.database.is_sqlite else ("good", "whole")
    assert journal(bureau) == at_once
    bureau.clock.advance(timedelta(minutes=5))
    assert journal(bureau) == ("wrong", "behind")
