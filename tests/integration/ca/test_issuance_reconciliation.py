"""What a crash left between intent and certificate is brought to an end at the next start."""

from pathlib import Path

import pytest
from cryptography import x509
from sqlalchemy import select, update

from ca.errors import KeyUnavailable
from ca.linting import LintedTbs
from ca.models import CertificateRecord
from ca.names.subject import Subject
from ca.records import get_record
from ca.signing import KeySigner
from foundation.audit import AuditEntry
from foundation.database import Database
from tests.support.certification import OPERATOR, Certification, make_certification

_SERVER = Subject("10.1.2.3")


@pytest.fixture
def ca(database: Database, tmp_path: Path) -> Certification:
    return make_certification(database, tmp_path)


def state_of(ca: Certification, serial_number: str) -> str:
    with ca.database.reading() as session:
        return get_record(session, serial_number).state


def test_what_was_intended_is_completed_with_the_same_content(ca: Certification) -> None:
    serial_number, _ = ca.prepare()
    server, _ = ca.prepare(
        profile="server", subject=_SERVER, subscriber=None, server_names=("10.1.2.3",)
    )
    with ca.database.reading() as session:
        content = get_record(session, serial_number).tbs
    done = ca.issuance.reconcile(ca.database, OPERATOR)
    assert sorted(done.completed) == sorted([serial_number, server])
    assert (done.abandoned, done.waiting) == ([], [])
    with ca.database.reading() as session:
        record = get_record(session, serial_number)
        assert record.der is not None
        assert x509.load_der_x509_certificate(record.der).tbs_certificate_bytes == content
    # Whoever asks for it afterwards gets it.
    certificate = ca.issuance.complete(ca.database, serial_number, OPERATOR)
    assert certificate.tbs_certificate_bytes == content


def test_a_second_run_has_nothing_to_do(ca: Certification) -> None:
    ca.prepare()
    ca.issuance.reconcile(ca.database, OPERATOR)
    done = ca.issuance.reconcile(ca.database, OPERATOR)
    assert (done.completed, done.abandoned, done.waiting) == ([], [], [])


def test_a_reserved_number_waits_for_its_slip(ca: Certification) -> None:
    with ca.database.writing() as session:
        number = ca.issuance.reserve_serial(
            session, profile="unit", subscriber="wh000123", by=OPERATOR
        )
    ca.issuance.reconcile(ca.database, OPERATOR)
    assert state_of(ca, number) == "reserved"


def test_content_that_breaks_a_rule_by_now_is_abandoned_and_the_rule_recorded(
    ca: Certification,
) -> None:
    victim, _ = ca.prepare()
    good, _ = ca.prepare()
    with ca.database.writing() as session:
        changed = update(CertificateRecord).where(CertificateRecord.serial_number == victim)
        session.execute(changed.values(tbs=get_record(session, good).tbs))
    done = ca.issuance.reconcile(ca.database, OPERATOR)
    assert (done.completed, done.abandoned) == ([good], [victim])
    assert state_of(ca, victim) == "abandoned"
    with ca.database.reading() as session:
        query = select(AuditEntry).where(AuditEntry.action == "certificate.abandoned")
        assert "serial_number_is_the_reserved_one" in session.scalars(query).one().facts


def test_a_signer_that_does_not_answer_leaves_everything_for_the_next_time(
    ca: Certification, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [ca.prepare()[0] for _ in range(3)]
    asked = []

    def silent(self: KeySigner, linted: LintedTbs) -> x509.Certificate:
        asked.append(linted)
        raise KeyUnavailable("issuing")

    with monkeypatch.context() as patched:
        patched.setattr(KeySigner, "sign_certificate", silent)
        done = ca.issuance.reconcile(ca.database, OPERATOR)
    assert (done.completed, sorted(done.waiting)) == ([], sorted(numbers))
    assert len(asked) == 1, "one that does not answer is asked once"
    assert sorted(ca.issuance.reconcile(ca.database, OPERATOR).completed) == sorted(numbers)
