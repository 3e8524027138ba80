"""Many certificates at once: the same steps and the same promises as for one (issue 3, part 1)."""

import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select
from sqlalchemy.orm import Session

from ca.csr import CsrRefused
from ca.errors import (
    CertificateStateConflict,
    KeyCompromised,
    KeyOfAnother,
    PublicKeyRefused,
    SerialNumberTaken,
    SigningFault,
    SubjectRefused,
)
from ca.issuance import Order, RequestedOrder, Reserved
from ca.issuance.bulk import issuing
from ca.issuance.bulk.drafts import Draft
from ca.issuance.bulk.rows import BatchRows
from ca.issuance.drafting import Drafting
from ca.issuance.reserved_rows import get_reserved
from ca.key_types import CaPublicKey
from ca.keys import generate_key
from ca.models import CertificateRecord
from ca.names.subject import Subject
from ca.proofs import VerifyingProcess
from ca.proofs.verifier import Proof, VerifyingHere
from ca.serial_numbers import serial_number_of
from ca.signing import SignedTbs
from ca.weak_keys import WeakPublicKey
from foundation.audit import AuditEntry, verify_chain
from foundation.database import Database
from tests.support import weak_rsa
from tests.support.certification import (
    OPERATOR,
    SERVER_NAMES,
    Certification,
    make_certification,
    make_store,
)
from tests.support.randomness import FakeRandomness
from tests.support.requests import der_request


@pytest.fixture
def ca(database: Database, tmp_path: Path) -> Certification:
    return make_certification(database, tmp_path)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing, "BATCH", 3)


def order(number: int, **changes: Any) -> Order:
    username = f"person{number}"
    given: dict[str, Any] = {
        "profile": "person",
        "subscriber": username,
        "subject": Subject.of_person(username=username, name="王芳"),
        "public_key": generate_key("ecdsa-p256").public_key(),
    }
    return Order(**{**given, **changes})


def requested(number: int, csr: bytes) -> RequestedOrder:
    wanted = order(number)
    return RequestedOrder(wanted.profile, wanted.subscriber, wanted.subject, csr)


def rows(ca: Certification, *states: str) -> dict[str, CertificateRecord]:
    with ca.database.reading() as session:
        query = select(CertificateRecord).where(CertificateRecord.profile == "person")
        found = {row.serial_number: row for row in session.scalars(query)}
    return {number: row for number, row in found.items() if not states or row.state in states}


def entries(ca: Certification, action: str) -> list[AuditEntry]:
    with ca.database.reading() as session:
        query = select(AuditEntry).where(AuditEntry.action == action)
        return list(session.scalars(query.order_by(AuditEntry.sequence)))


def test_each_order_gets_its_certificate_in_its_place(ca: Certification) -> None:
    orders = [order(number) for number in range(7)]
    certificates = list(ca.issuance.issue_all(ca.database, orders, OPERATOR))
    assert [one.public_key() for one in certificates] == [one.public_key for one in orders]
    for one, wanted in zip(certificates, orders, strict=True):
        row = rows(ca)[f"{one.serial_number:X}"]
        assert (row.state, row.subscriber) == ("good", wanted.subscriber)
        assert row.der == one.public_bytes(Encoding.DER)
        assert row.tbs == one.tbs_certificate_bytes
        assert row.subject == one.subject.rfc4514_string()
        assert (row.not_before, row.not_after) == (
            one.not_valid_before_utc,
            one.not_valid_after_utc,
        )
        assert row.issued_at is not None
        one.verify_directly_issued_by(ca.hierarchy.issuing.certificate)


def test_of_a_request_the_key_is_certified(ca: Certification) -> None:
    key = generate_key("ecdsa-p256")
    (certificate,) = ca.issuance.issue_all(ca.database, [requested(1, der_request(key))], OPERATOR)
    assert certificate.public_key() == key.public_key()
    assert certificate.subject == order(1).subject.name(
        [x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "CN")]
    )


def test_a_request_that_its_key_did_not_sign_stops_its_batch(ca: Certification) -> None:
    good = der_request(generate_key("ecdsa-p256"))
    forged = bytearray(good)
    forged[-1] ^= 1
    orders = [requested(1, good), requested(2, bytes(forged))]
    with pytest.raises(CsrRefused):
        list(ca.issuance.issue_all(ca.database, orders, OPERATOR))
    assert rows(ca) == {}


def test_a_batch_keeps_the_order_and_tells_the_first_refusal(
    ca: Certification, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuing, "BATCH", 40)
    orders = [order(number) for number in range(40)]
    certificates = list(ca.issuance.issue_all(ca.database, orders, OPERATOR))
    assert [one.public_key() for one in certificates] == [one.public_key for one in orders]
    weak = order(41, public_key=weak_rsa.roca().public_key())
    refused = order(42, subject=Subject("x" * 65, "person42"))
    mixed = [*orders[:20], weak, *orders[20:], refused]
    with pytest.raises(WeakPublicKey):
        list(ca.issuance.issue_all(ca.database, mixed, OPERATOR))
    assert len(rows(ca)) == 40


def test_it_is_what_one_at_a_time_would_have_made(ca: Certification) -> None:
    (certificate,) = ca.issuance.issue_all(ca.database, [order(1)], OPERATOR)
    alone = ca.issue(
        profile="person",
        subscriber="person1",
        subject=Subject.of_person(username="person1", name="王芳"),
    ).certificate
    assert certificate.subject == alone.subject
    variable = (x509.SubjectKeyIdentifier, x509.CRLDistributionPoints)
    assert [item for item in certificate.extensions if not isinstance(item.value, variable)] == [
        item for item in alone.extensions if not isinstance(item.value, variable)
    ]


def test_the_audit_log_has_every_content_before_and_every_certificate_after(
    ca: Certification,
) -> None:
    certificates = list(ca.issuance.issue_all(ca.database, map(order, range(7)), OPERATOR))
    intents = "".join(entry.facts for entry in entries(ca, "certificates.prepared"))
    assert len(entries(ca, "certificates.prepared")) == 3
    issued = {entry.subject for entry in entries(ca, "certificate.issued")}
    for one in certificates:
        assert f"{one.serial_number:X} person " in intents
        assert f"certificate:{one.serial_number:X}" in issued
    with ca.database.reading() as session:
        verify_chain(session)


def test_nothing_is_handed_out_before_its_batch_is_stored(ca: Certification) -> None:
    # The batch after it may be stored as well by then: it is written meanwhile.
    for certificate in ca.issuance.issue_all(ca.database, map(order, range(7)), OPERATOR):
        assert f"{certificate.serial_number:X}" in rows(ca, "good")


def test_no_orders_are_no_certificates(ca: Certification) -> None:
    assert list(ca.issuance.issue_all(ca.database, [], OPERATOR)) == []


REFUSED: list[tuple[type[Exception], Callable[[], Order]]] = [
    (WeakPublicKey, lambda: order(5, public_key=weak_rsa.roca().public_key())),
    (
        PublicKeyRefused,
        lambda: order(
            5,
            public_key=rsa.generate_private_key(65537, 1024).public_key(),  # noqa: S505 - to be refused
        ),
    ),
    (SubjectRefused, lambda: order(5, subject=Subject("x" * 65, "person5"))),
    (ValueError, lambda: order(5, profile="server")),
    (ValueError, lambda: order(5, profile="issuing")),
]


@pytest.mark.parametrize(("failure", "make"), REFUSED)
def test_one_bad_order_stops_its_batch_and_those_before_stand(
    ca: Certification, failure: type[Exception], make: Callable[[], Order]
) -> None:
    orders = [*map(order, range(4)), make(), order(6)]
    handed_out: list[x509.Certificate] = []
    with pytest.raises(failure):
        handed_out.extend(ca.issuance.issue_all(ca.database, orders, OPERATOR))
    assert len(rows(ca)) == len(rows(ca, "good")) == 3
    assert len(entries(ca, "certificates.prepared")) == 1


def test_a_number_that_exists_stops_the_batch(database: Database, tmp_path: Path) -> None:
    class Stuck(FakeRandomness):
        stuck = False

        def token(self, count: int) -> bytes:
            return b"\x55" * count if self.stuck else super().token(count)

    randomness = Stuck()
    store = make_store(database, tmp_path, randomness=randomness)
    issuance = store.issuance(store.create(SERVER_NAMES, OPERATOR))
    randomness.stuck = True
    with pytest.raises(SerialNumberTaken):
        list(issuance.issue_all(database, [order(1), order(2)], OPERATOR))
    assert len(list(issuance.issue_all(database, [order(3)], OPERATOR))) == 1
    with pytest.raises(SerialNumberTaken):
        list(issuance.issue_all(database, [order(4)], OPERATOR))


def test_abandoned_while_the_batch_was_signed_is_not_handed_out(
    ca: Certification, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = BatchRows.store

    def abandoned_meanwhile(
        self: BatchRows, session: Session, drafts: Sequence[Draft], *arguments: Any
    ) -> None:
        ca.issuance.abandon(session, drafts[0].serial_number, OPERATOR)
        store(self, session, drafts, *arguments)

    monkeypatch.setattr(BatchRows, "store", abandoned_meanwhile)
    with pytest.raises(CertificateStateConflict):
        list(ca.issuance.issue_all(ca.database, map(order, range(3)), OPERATOR))
    assert rows(ca, "good") == {}


def test_a_key_once_compromised_is_never_certified_again(ca: Certification) -> None:
    first = order(1)
    (certificate,) = ca.issuance.issue_all(ca.database, [first], OPERATOR)
    revoke(ca, certificate, "keyCompromise")
    with pytest.raises(KeyCompromised):
        list(ca.issuance.issue_all(ca.database, [first], OPERATOR))
    with pytest.raises(KeyCompromised):
        prepare(ca, first)


def test_a_key_has_one_owner(ca: Certification) -> None:
    first = order(1)
    (certificate,) = ca.issuance.issue_all(ca.database, [first], OPERATOR)
    thief = order(2, public_key=first.public_key)
    with pytest.raises(KeyOfAnother):
        list(ca.issuance.issue_all(ca.database, [thief], OPERATOR))
    with pytest.raises(KeyOfAnother):
        prepare(ca, thief)
    # Its owner may renew under it; once that is over, it is free.
    prepare(ca, first)
    revoke(ca, certificate, "superseded")
    for number in rows(ca, "prepared"):
        with ca.database.writing() as session:
            ca.issuance.abandon(session, number, OPERATOR)
    prepare(ca, thief)


def test_a_key_on_hold_and_the_key_of_a_server_have_owners(ca: Certification) -> None:
    held = order(1)
    server = ca.issue(
        profile="server",
        subject=Subject("10.1.2.3"),
        subscriber=None,
        server_names=("10.1.2.3",),
    )
    (certificate,) = ca.issuance.issue_all(ca.database, [held], OPERATOR)
    revoke(ca, certificate, "certificateHold", state="on_hold")
    for key in (held.public_key, server.certificate.public_key()):
        with pytest.raises(KeyOfAnother):
            prepare(ca, order(2, public_key=key))


def test_a_key_has_one_owner_within_a_batch_too(ca: Certification) -> None:
    first = order(1)
    with pytest.raises(KeyOfAnother):
        list(
            ca.issuance.issue_all(
                ca.database, [first, order(2, public_key=first.public_key)], OPERATOR
            )
        )
    assert rows(ca) == {}


def test_who_stops_before_the_end_leaves_nothing_half_done(ca: Certification) -> None:
    handed_out = ca.issuance.issue_all(ca.database, map(order, range(12)), OPERATOR)
    next(handed_out)
    assert rows(ca, "prepared"), "the next batches are begun"
    handed_out.close()
    assert rows(ca, "prepared") == {}
    good, abandoned = rows(ca, "good"), rows(ca, "abandoned")
    assert len(good) >= 3
    assert abandoned
    assert {entry.subject for entry in entries(ca, "certificate.abandoned")} == {
        f"certificate:{number}" for number in abandoned
    }
    with ca.database.reading() as session:
        verify_chain(session)


def test_batches_begun_behind_one_that_fails_are_given_up(ca: Certification) -> None:
    first = order(1)
    list(ca.issuance.issue_all(ca.database, [first], OPERATOR))
    thief = order(99, public_key=first.public_key)
    orders = [*map(order, range(10, 15)), thief, *map(order, range(20, 26))]
    handed_out: list[x509.Certificate] = []
    with pytest.raises(KeyOfAnother):
        handed_out.extend(ca.issuance.issue_all(ca.database, orders, OPERATOR))
    assert len(handed_out) == 3
    assert rows(ca, "prepared") == {}
    assert len(rows(ca, "good")) == 1 + 3
    assert {row.subscriber for row in rows(ca, "abandoned").values()} <= {
        f"person{number}" for number in range(20, 26)
    }


def reserve(ca: Certification, number: int) -> Reserved:
    with ca.database.writing() as session:
        serial_number = ca.issuance.reserve_serial(
            session, profile="person", subscriber=f"person{number}", by=OPERATOR
        )
        return get_reserved(session, serial_number)


def test_reserved_numbers_become_the_certificates(ca: Certification) -> None:
    reserved = [reserve(ca, number) for number in range(4)]
    orders = [order(n, reserved=each) for n, each in enumerate(reserved)]
    orders.insert(2, order(9))
    certificates = list(ca.issuance.issue_all(ca.database, orders, OPERATOR))
    numbers = [serial_number_of(one.serial_number) for one in certificates]
    assert [*numbers[:2], *numbers[3:]] == [each.serial_number for each in reserved]
    assert len(rows(ca, "good")) == 5
    assert [one.public_key() for one in certificates] == [one.public_key for one in orders]


def test_a_number_of_another_or_of_no_use_any_more_stops_its_batch(ca: Certification) -> None:
    gone, anothers = reserve(ca, 1), reserve(ca, 2)
    with ca.database.writing() as session:
        ca.issuance.abandon(session, gone.serial_number, OPERATOR)
    for wanted in (order(1, reserved=gone), order(3, reserved=anothers)):
        with pytest.raises(CertificateStateConflict):
            list(ca.issuance.issue_all(ca.database, [order(5), wanted], OPERATOR))
    assert rows(ca, "good", "prepared") == {}


def test_proofs_are_verified_in_a_process_of_its_own_until_it_dies(ca: Certification) -> None:
    keys = [generate_key("ecdsa-p256") for _ in range(9)]
    orders = [requested(number, der_request(key)) for number, key in enumerate(keys)]
    with VerifyingProcess() as verifier:
        handed_out = ca.issuance.issue_all(ca.database, orders, OPERATOR, verifier=verifier)
        certificates = [next(handed_out)]
        os.kill(verifier.pid, signal.SIGKILL)
        certificates.extend(handed_out)
    assert [one.public_key() for one in certificates] == [key.public_key() for key in keys]
    assert len(rows(ca, "good")) == 9


class Refusing(VerifyingHere):
    """Says of the second lot of signatures that one of them is wrong."""

    lots = 0

    def begin_signatures(self, issuer_key: CaPublicKey, signed: Sequence[SignedTbs]) -> Proof:
        self.lots += 1
        if self.lots == 2:
            signed = [*signed[1:], SignedTbs(signed[0].tbs, signed[1].unverified_signature)]
        return super().begin_signatures(issuer_key, signed)


def test_a_signature_that_does_not_verify_is_neither_stored_nor_handed_out(
    ca: Certification,
) -> None:
    handed_out: list[x509.Certificate] = []
    with pytest.raises(SigningFault):
        handed_out.extend(
            ca.issuance.issue_all(ca.database, map(order, range(12)), OPERATOR, verifier=Refusing())
        )
    assert len(handed_out) == 3
    doubtful = rows(ca, "prepared").values()
    assert {row.subscriber for row in doubtful} == {"person3", "person4", "person5"}
    # It may exist somewhere: it is signed again, and never given up.
    assert len(ca.issuance.reconcile(ca.database, OPERATOR).completed) == 3


def prepare(ca: Certification, wanted: Order) -> None:
    with ca.database.writing() as session:
        number = ca.issuance.reserve_serial(
            session, profile="person", subscriber=wanted.subscriber, by=OPERATOR
        )
        ca.issuance.prepare(
            session, number, subject=wanted.subject, public_key=wanted.public_key, by=OPERATOR
        )


def revoke(
    ca: Certification,
    certificate: x509.Certificate,
    reason: str,
    state: Literal["revoked", "on_hold"] = "revoked",
) -> None:
    with ca.database.writing() as session:
        row = session.get_one(CertificateRecord, f"{certificate.serial_number:X}")
        row.state, row.reason, row.revoked_at = state, reason, ca.clock.now()


def test_drafts_of_a_batch_are_linted_like_any_other(
    ca: Certification, monkeypatch: pytest.MonkeyPatch
) -> None:
    linted: list[bytes] = []
    lint = Drafting.lint

    def watched(self: Drafting, tbs: bytes, *arguments: Any) -> Any:
        linted.append(tbs)
        return lint(self, tbs, *arguments)

    monkeypatch.setattr(Drafting, "lint", watched)
    certificates = list(ca.issuance.issue_all(ca.database, map(order, range(4)), OPERATOR))
    assert [one.tbs_certificate_bytes for one in certificates] == linted
