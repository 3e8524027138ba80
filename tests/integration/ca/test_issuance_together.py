"""Certificates that are issued in the same moment share commits, and nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ca.errors import CertificateStateConflict, KeyOfAnother
from ca.issuance import Intent
from ca.keys import generate_key
from ca.models import CertificateRecord
from ca.names.subject import Subject
from ca.records import get_record
from ca.serial_numbers import serial_number_of
from foundation.audit import AuditEntry, verify_chain
from foundation.database import Database
from foundation.errors import Failure
from tests.support.at_once import each_at_once
from tests.support.certification import OPERATOR, Certification, make_certification


@pytest.fixture
def ca(database: Database, tmp_path: Path) -> Certification:
    return make_certification(database, tmp_path)


def new_key() -> ec.EllipticCurvePublicKey:
    key = generate_key("ecdsa-p256").public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


def preparing(
    ca: Certification, name: str, key: ec.EllipticCurvePublicKey
) -> Callable[[Session], Intent]:
    return lambda session: ca.issuance.prepare_new(
        session,
        profile="person",
        subscriber=name,
        subject=Subject.of_person(username=name, name="李伟"),
        public_key=key,
        by=OPERATOR,
    )


def issuing(
    ca: Certification,
    name: str,
    key: ec.EllipticCurvePublicKey,
    together: Callable[[Session], None] | None = None,
) -> Callable[[], x509.Certificate]:
    """Return the act of preparing and completing, as requests do it."""

    def act() -> x509.Certificate:
        intent = ca.database.write_together(preparing(ca, name, key))
        number = intent.wanted.serial_number
        return ca.issuance.complete(ca.database, number, OPERATOR, intent=intent, together=together)

    return act


def states(ca: Certification) -> dict[str, int]:
    query = (
        select(CertificateRecord.state, func.count())
        .where(CertificateRecord.profile == "person")
        .group_by(CertificateRecord.state)
    )
    with ca.database.reading() as session:
        verify_chain(session)
        return {str(row[0]): int(row[1]) for row in session.execute(query)}


def test_a_new_number_is_reserved_prepared_and_issued_in_the_audit_log(ca: Certification) -> None:
    certificate = issuing(ca, "li.wei", new_key())()
    number = serial_number_of(certificate.serial_number)
    with ca.database.reading() as session:
        query = select(AuditEntry.action).where(AuditEntry.subject == f"certificate:{number}")
        assert list(session.scalars(query.order_by(AuditEntry.sequence))) == [
            "certificate.reserved",
            "certificate.prepared",
            "certificate.issued",
        ]
        assert get_record(session, number).tbs == certificate.tbs_certificate_bytes


def test_an_order_that_is_refused_fails_alone(ca: Certification) -> None:
    taken = new_key()
    issuing(ca, "wang.fang", taken)()
    results = each_at_once(
        issuing(ca, "p1", new_key()),
        issuing(ca, "p2", taken),
        issuing(ca, "p3", new_key()),
        issuing(ca, "p4", taken),
        issuing(ca, "p5", new_key()),
    )
    refused = [type(each) for each in results if isinstance(each, Failure)]
    assert refused == [KeyOfAnother, KeyOfAnother]
    made = {each.serial_number for each in results if isinstance(each, x509.Certificate)}
    assert len(made) == 3
    assert states(ca) == {"good": 4}


def test_of_two_orders_for_one_key_in_one_moment_one_is_refused(ca: Certification) -> None:
    key = new_key()
    results = each_at_once(issuing(ca, "p1", key), issuing(ca, "p2", key))
    assert sorted(isinstance(each, KeyOfAnother) for each in results) == [False, True]
    assert states(ca) == {"good": 1}


def test_what_one_does_with_his_certificate_undoes_his_alone(ca: Certification) -> None:
    def stumble(session: Session) -> None:
        raise CertificateStateConflict("00", "revoked")

    results = each_at_once(
        issuing(ca, "p1", new_key()),
        issuing(ca, "p2", new_key(), together=stumble),
        issuing(ca, "p3", new_key()),
    )
    assert [isinstance(each, Failure) for each in results] == [False, True, False]
    # Its content stays prepared, and is finished as after a crash.
    assert states(ca) == {"good": 2, "prepared": 1}
    assert len(ca.issuance.reconcile(ca.database, OPERATOR).completed) == 1
    assert states(ca) == {"good": 3}


def test_a_new_intent_is_good_only_after_the_shared_commit(ca: Certification) -> None:
    seen: list[Intent] = []

    def early(session: Session) -> None:
        seen.append(preparing(ca, "p1", new_key())(session))
        with pytest.raises(ValueError, match="not committed"):
            seen[0].take()

    ca.database.write_together(early)
    seen[0].take()


def test_authorities_are_not_issued_this_way(ca: Certification) -> None:
    def root(session: Session) -> Intent:
        return ca.issuance.prepare_new(
            session, profile="root", subscriber="p1",
            subject=Subject.of_person(username="p1", name="李伟"),
            public_key=new_key(), by=OPERATOR,
        )  # fmt: skip

    with pytest.raises(ValueError, match="hierarchy"):
        ca.database.write_together(root)
