"""Issuance survives a crash at every step: no number used twice, nothing unknown held."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from ca.errors import (
    CertificateNotFound,
    CertificateStateConflict,
    LintRefused,
    PublicKeyRefused,
    SerialNumberTaken,
)
from ca.keys import generate_key
from ca.linting import LintedTbs
from ca.models import CertificateRecord, ProfileName
from ca.names.subject import Subject
from ca.records import get_record
from ca.signing import KeySigner
from foundation.audit import Actor, AuditEntry
from foundation.database import Database
from tests.support.certification import (
    OPERATOR,
    SERVER_NAMES,
    UNIT,
    Certification,
    make_certification,
    make_store,
)
from tests.support.randomness import FakeRandomness


class Crash(BaseException):
    """Stands for a process that was killed."""


@pytest.fixture
def ca(database: Database, tmp_path: Path) -> Certification:
    return make_certification(database, tmp_path)


def state_of(ca: Certification, serial_number: str) -> str:
    with ca.database.reading() as session:
        return get_record(session, serial_number).state


def actions_on(ca: Certification, serial_number: str) -> list[str]:
    with ca.database.reading() as session:
        query = select(AuditEntry.action).where(
            AuditEntry.subject == f"certificate:{serial_number}"
        )
        return list(session.scalars(query.order_by(AuditEntry.sequence)))


def test_the_reserved_number_is_the_certificates(ca: Certification) -> None:
    issued = ca.issue()
    assert f"{issued.certificate.serial_number:X}" == issued.serial_number
    assert len(issued.serial_number) == 20
    assert issued.certificate.public_key() == issued.private_key.public_key()


def test_what_is_stored_is_what_is_handed_out(ca: Certification) -> None:
    issued = ca.issue()
    der = issued.certificate.public_bytes(Encoding.DER)
    with ca.database.reading() as session:
        record = get_record(session, issued.serial_number)
        assert record.state == "good"
        assert record.der == der
        assert record.tbs == issued.certificate.tbs_certificate_bytes
        assert record.fingerprint_sha256 == hashlib.sha256(der).hexdigest().upper()
        assert record.subscriber == "wh000123"
        assert record.not_before == issued.certificate.not_valid_before_utc
        assert record.not_after == issued.certificate.not_valid_after_utc
        assert record.subject == issued.certificate.subject.rfc4514_string()


def test_each_step_is_audited(ca: Certification) -> None:
    assert actions_on(ca, ca.issue().serial_number) == [
        "certificate.reserved",
        "certificate.prepared",
        "certificate.issued",
    ]


def test_completing_again_hands_out_the_same(ca: Certification) -> None:
    issued = ca.issue()
    again = ca.issuance.complete(ca.database, issued.serial_number, OPERATOR)
    assert again == issued.certificate
    assert actions_on(ca, issued.serial_number).count("certificate.issued") == 1


CRASHES: list[tuple[str, str, str]] = [
    ("while the number is reserved", "ca.issuance.issuance.insert_reserved", "nothing"),
    ("while the content is built", "ca.issuance.drafting.key_identifier", "nothing"),
    ("while it is linted", "ca.issuance.drafting.lint", "nothing"),
    ("while the intent is stored", "ca.issuance.issuance.change_state", "nothing"),
    ("before it is signed", "ca.signing.key_signer.LintedTbs.take_for", "prepared"),
    ("while it is compared", "ca.signing.key_signer.compare_certificate", "prepared"),
    ("while it is verified", "ca.signing.signed.verify_signature", "prepared"),
    ("while it is stored", "ca.issuance.completion.issued_columns", "prepared"),
]


@pytest.mark.parametrize(
    ("place", "expected"), [case[1:] for case in CRASHES], ids=[c[0] for c in CRASHES]
)
def test_a_crash_loses_nothing_and_a_second_try_succeeds(
    ca: Certification, place: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _serial_numbers(ca)
    with monkeypatch.context() as patched:
        patched.setattr(place, _crash)
        with pytest.raises(Crash):
            ca.issue()
    left_over = _serial_numbers(ca) - before
    assert len(left_over) == (1 if expected == "prepared" else 0)
    for serial_number in left_over:
        content = _tbs_of(ca, serial_number)
        certificate = ca.issuance.complete(ca.database, serial_number, OPERATOR)
        assert certificate.tbs_certificate_bytes == content
    assert ca.issue().serial_number not in before | left_over
    with ca.database.reading() as session:
        assert ca.issuance.unfinished(session) == []


def test_a_crash_after_the_certificate_was_stored_loses_nothing(
    ca: Certification, monkeypatch: pytest.MonkeyPatch
) -> None:
    serial_number, _ = ca.prepare()
    store = ca.issuance._completion._store

    def store_and_crash(
        session: Session, certificate: x509.Certificate, number: str, by: Actor
    ) -> None:
        store(session, certificate, number, by)
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(ca.issuance._completion, "_store", store_and_crash)
        with pytest.raises(Crash):
            ca.issuance.complete(ca.database, serial_number, OPERATOR)
    # The crash fell inside the transaction: neither state nor audit entry stands.
    assert state_of(ca, serial_number) == "prepared"
    assert "certificate.issued" not in actions_on(ca, serial_number)
    ca.issuance.complete(ca.database, serial_number, OPERATOR)
    assert state_of(ca, serial_number) == "good"


def test_what_a_crash_left_can_be_listed(ca: Certification) -> None:
    serial_number, _ = ca.prepare()
    with ca.database.reading() as session:
        assert [row.serial_number for row in ca.issuance.unfinished(session)] == [serial_number]


def test_two_that_complete_at_once_get_one_certificate(ca: Certification) -> None:
    serial_number, _ = ca.prepare()
    together = Barrier(4)

    def complete(_: int) -> x509.Certificate:
        together.wait()
        return ca.issuance.complete(ca.database, serial_number, OPERATOR)

    with ThreadPoolExecutor(4) as pool:
        certificates = list(pool.map(complete, range(4)))
    assert len({certificate.public_bytes(Encoding.DER) for certificate in certificates}) == 1
    assert actions_on(ca, serial_number).count("certificate.issued") == 1


def test_completed_while_it_was_signed_the_first_one_stands(
    ca: Certification, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each signature is another one: two certificates of one number would be in the world."""
    serial_number, _ = ca.prepare()
    sign, first = KeySigner.sign_certificate, list[x509.Certificate]()

    def completed_meanwhile(signer: KeySigner, linted: LintedTbs) -> x509.Certificate:
        monkeypatch.undo()
        first.append(ca.issuance.complete(ca.database, serial_number, OPERATOR))
        return sign(signer, linted)

    monkeypatch.setattr(KeySigner, "sign_certificate", completed_meanwhile)
    assert [ca.issuance.complete(ca.database, serial_number, OPERATOR)] == first
    assert actions_on(ca, serial_number).count("certificate.issued") == 1


def test_two_that_prepare_at_once_fix_one_content(ca: Certification) -> None:
    serial_number = _reserve(ca)
    together = Barrier(2)

    def prepare(_: int) -> bool:
        key = generate_key("ecdsa-p256").public_key()
        together.wait()
        try:
            with ca.database.writing() as session:
                _prepare(ca, session, serial_number, key)
        except CertificateStateConflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(prepare, range(2))) == [False, True]


def test_content_is_fixed_once(ca: Certification) -> None:
    serial_number, _ = ca.prepare()
    with ca.database.writing() as session, pytest.raises(CertificateStateConflict):
        _prepare(ca, session, serial_number, generate_key("ecdsa-p256").public_key())


def test_an_abandoned_number_is_never_issued(ca: Certification) -> None:
    for serial_number in (_reserve(ca), ca.prepare()[0]):
        with ca.database.writing() as session:
            ca.issuance.abandon(session, serial_number, OPERATOR)
        with pytest.raises(CertificateStateConflict):
            ca.issuance.complete(ca.database, serial_number, OPERATOR)
        with ca.database.writing() as session, pytest.raises(CertificateStateConflict):
            _prepare(ca, session, serial_number, generate_key("ecdsa-p256").public_key())
        assert state_of(ca, serial_number) == "abandoned"


def test_an_issued_certificate_cannot_be_abandoned(ca: Certification) -> None:
    issued = ca.issue()
    with ca.database.writing() as session, pytest.raises(CertificateStateConflict):
        ca.issuance.abandon(session, issued.serial_number, OPERATOR)


def test_abandoned_while_it_was_signed_is_not_handed_out(
    ca: Certification, monkeypatch: pytest.MonkeyPatch
) -> None:
    serial_number, _ = ca.prepare()
    store = ca.issuance._completion._store

    def abandoned_meanwhile(
        session: Session, certificate: x509.Certificate, number: str, by: Actor
    ) -> None:
        ca.issuance.abandon(session, number, by)
        store(session, certificate, number, by)

    monkeypatch.setattr(ca.issuance._completion, "_store", abandoned_meanwhile)
    with pytest.raises(CertificateStateConflict):
        ca.issuance.complete(ca.database, serial_number, OPERATOR)


@pytest.mark.parametrize("state", ["revoked", "on_hold", "abandoned", "reserved"])
def test_only_prepared_and_good_are_completed(ca: Certification, state: str) -> None:
    serial_number = ca.issue().serial_number
    with ca.database.writing() as session:
        session.execute(
            update(CertificateRecord)
            .where(CertificateRecord.serial_number == serial_number)
            .values(state=state)
        )
    with pytest.raises(CertificateStateConflict) as conflict:
        ca.issuance.complete(ca.database, serial_number, OPERATOR)
    assert conflict.value.state == state


@pytest.mark.parametrize(
    "act",
    [
        lambda ca, session: ca.issuance.abandon(session, "41", OPERATOR),
        lambda ca, session: _prepare(ca, session, "41", generate_key("ecdsa-p256").public_key()),
    ],
)
def test_a_number_that_was_never_reserved_is_not_found(
    ca: Certification, act: Callable[[Certification, Session], None]
) -> None:
    with ca.database.writing() as session, pytest.raises(CertificateNotFound):
        act(ca, session)
    with pytest.raises(CertificateNotFound):
        ca.issuance.complete(ca.database, "41", OPERATOR)


def test_a_weak_key_is_refused_and_the_number_stays_free(ca: Certification) -> None:
    serial_number = _reserve(ca)
    with ca.database.writing() as session, pytest.raises(PublicKeyRefused):
        _prepare(ca, session, serial_number, ec.generate_private_key(ec.SECP224R1()).public_key())
    assert state_of(ca, serial_number) == "reserved"


def test_content_that_was_changed_in_the_database_is_not_signed(ca: Certification) -> None:
    victim, _ = ca.prepare()
    other, _ = ca.prepare(subject=Subject("Other", "other", "Other Ltd", "NTRCN-0"))
    with ca.database.writing() as session:
        session.execute(
            update(CertificateRecord)
            .where(CertificateRecord.serial_number == victim)
            .values(tbs=get_record(session, other).tbs)
        )
    with pytest.raises(LintRefused):
        ca.issuance.complete(ca.database, victim, OPERATOR)


@pytest.mark.parametrize("profile", ["root", "issuing"])
def test_authorities_are_not_issued_this_way(ca: Certification, profile: ProfileName) -> None:
    with ca.database.writing() as session, pytest.raises(ValueError, match="with the hierarchy"):
        ca.issuance.reserve_serial(session, profile=profile, subscriber=None, by=OPERATOR)


def test_a_generator_that_repeats_itself_cannot_repeat_a_number(
    database: Database, tmp_path: Path
) -> None:
    class Stuck(FakeRandomness):
        stuck = False

        def token(self, count: int) -> bytes:
            return b"\x55" * count if self.stuck else super().token(count)

    randomness = Stuck()
    store = make_store(database, tmp_path, randomness=randomness)
    issuance = store.issuance(store.create(SERVER_NAMES, OPERATOR))
    randomness.stuck = True
    with database.writing() as session:
        issuance.reserve_serial(session, profile="unit", subscriber=None, by=OPERATOR)
    with database.writing() as session, pytest.raises(SerialNumberTaken):
        issuance.reserve_serial(session, profile="unit", subscriber=None, by=OPERATOR)


def test_a_certificate_never_outlives_the_issuing_ca(ca: Certification) -> None:
    issuing = ca.hierarchy.issuing.certificate
    ca.clock.set(issuing.not_valid_after_utc - timedelta(days=3))
    assert ca.issue().certificate.not_valid_after_utc == issuing.not_valid_after_utc


def _crash(*_: object, **__: object) -> None:
    raise Crash


def _reserve(ca: Certification) -> str:
    with ca.database.writing() as session:
        return ca.issuance.reserve_serial(
            session, profile="unit", subscriber="wh000123", by=OPERATOR
        )


def _prepare(
    ca: Certification,
    session: Session,
    serial_number: str,
    public_key: PublicKeyTypes,
) -> None:
    ca.issuance.prepare(session, serial_number, subject=UNIT, public_key=public_key, by=OPERATOR)


def _serial_numbers(ca: Certification) -> set[str]:
    with ca.database.reading() as session:
        numbers = list(session.scalars(select(CertificateRecord.serial_number)))
        assert len(numbers) == session.scalar(select(func.count(CertificateRecord.serial_number)))
    return set(numbers)


def _tbs_of(ca: Certification, serial_number: str) -> bytes | None:
    with ca.database.reading() as session:
        return get_record(session, serial_number).tbs


def test_an_intent_is_good_only_after_its_transaction(ca: Certification) -> None:
    """Nothing is signed whose serial number a crash could still take back."""
    number = _reserve(ca)
    key = generate_key("ecdsa-p256").public_key()
    with ca.database.writing() as session:
        intent = ca.issuance.prepare(session, number, subject=UNIT, public_key=key, by=OPERATOR)
        with pytest.raises(ValueError, match="not committed"):
            intent.take()
    certificate = ca.issuance.complete(ca.database, number, OPERATOR, intent=intent)
    assert f"{certificate.serial_number:X}" == number
    other = _reserve(ca)
    with pytest.raises(ValueError, match="another certificate"):
        ca.issuance.complete(ca.database, other, OPERATOR, intent=intent)


def test_an_intent_that_was_rolled_back_is_never_good(ca: Certification) -> None:
    number = _reserve(ca)
    key = generate_key("ecdsa-p256").public_key()
    intents = []

    def interrupted() -> None:
        with ca.database.writing() as session:
            intents.append(
                ca.issuance.prepare(session, number, subject=UNIT, public_key=key, by=OPERATOR)
            )
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with pytest.raises(ValueError, match="not committed"):
        ca.issuance.complete(ca.database, number, OPERATOR, intent=intents[0])


def test_what_is_done_together_stands_and_falls_with_the_certificate(ca: Certification) -> None:
    number, _ = ca.prepare()

    def refuse(_: Session) -> None:
        raise KeyError("no")

    with pytest.raises(KeyError):
        ca.issuance.complete(ca.database, number, OPERATOR, together=refuse)
    with ca.database.reading() as session:
        assert get_record(session, number).state == "prepared"
    done: list[str] = []

    def note(session: Session) -> None:
        done.append(get_record(session, number).state)

    for _ in range(2):
        ca.issuance.complete(ca.database, number, OPERATOR, together=note)
    assert done == ["good", "good"]
