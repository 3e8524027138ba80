"""Answers are given again, and never after what they say has ended (decision 17)."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPCertStatus, OCSPResponseStatus

from ca.authorities import Authority, OcspSigner
from ca.epoch import advance_epoch
from ca.errors import KeyUnavailable
from ca.journal.models import UnreconciledRevocation
from ca.ocsp import FreshEpoch, OcspResponder
from ca.ocsp.answers import Answer
from ca.signing import KeySigner, Signer, UnverifiedCertificate
from foundation.database import Database
from tests.support.certification import OPERATOR, SERVER_NAMES
from tests.support.revocation import RevocableCa, request_for

GOOD, REVOKED, UNKNOWN = OCSPCertStatus.GOOD, OCSPCertStatus.REVOKED, OCSPCertStatus.UNKNOWN


@dataclass
class Asker:
    """Somebody who asks about one certificate again and again."""

    revocable: RevocableCa
    serial_number: str
    responder: OcspResponder = field(init=False)

    def __post_init__(self) -> None:
        self.responder = self.revocable.responder

    def request(self, nonce: bytes | None = None) -> bytes:
        issuer = self.revocable.ca.hierarchy.issuing.certificate
        return request_for(issuer, self.serial_number, nonce=nonce)

    def ask(self, nonce: bytes | None = None) -> Answer:
        return self.responder.answer(self.request(nonce))

    def status(self) -> OCSPCertStatus:
        return ocsp.load_der_ocsp_response(self.ask().der).certificate_status


@pytest.fixture
def asker(revocable: RevocableCa) -> Asker:
    return Asker(revocable, revocable.issue().serial_number)


def test_the_same_answer_is_given_again(asker: Asker) -> None:
    first = asker.ask()
    asker.revocable.ca.clock.advance(minutes=2)
    assert asker.ask() is first
    assert first.is_shared


def test_a_new_one_is_signed_when_half_of_its_life_is_over(asker: Asker) -> None:
    first = asker.ask()
    asker.revocable.ca.clock.advance(minutes=2, seconds=30)
    second = asker.ask()
    assert second.der != first.der
    assert second.this_update == asker.revocable.ca.clock.now().replace(microsecond=0)


def test_after_the_clock_was_set_back_no_answer_is_of_the_future(asker: Asker) -> None:
    asker.ask()
    asker.revocable.ca.clock.advance(minutes=-3)
    again = asker.ask()
    assert again.this_update is not None
    assert again.this_update <= asker.revocable.ca.clock.now()


def test_each_act_shows_in_the_next_answer(asker: Asker) -> None:
    revocable, number = asker.revocable, asker.serial_number
    assert asker.status() is GOOD
    revocable.hold(number)
    assert asker.status() is REVOKED
    revocable.release(number)
    assert asker.status() is GOOD
    revocable.revoke(number)
    assert asker.status() is REVOKED


def test_an_act_of_another_process_shows_in_the_next_answer(asker: Asker) -> None:
    """Another node or the command line: its own pool, its own memory."""
    assert asker.status() is GOOD
    elsewhere = Database(asker.revocable.database.url)
    with elsewhere.writing() as session:
        asker.revocable.revocation.revoke(session, asker.serial_number, "keyCompromise", OPERATOR)
    elsewhere.dispose()
    assert asker.status() is REVOKED


def test_one_revocation_ends_what_is_remembered_of_all(revocable: RevocableCa) -> None:
    one, other = (Asker(revocable, revocable.issue().serial_number) for _ in range(2))
    before = one.ask()
    revocable.revoke(other.serial_number)
    after = one.ask()
    assert after is not before
    assert one.status() is GOOD


def test_what_is_not_issued_yet_is_not_remembered(revocable: RevocableCa) -> None:
    """Being issued begins no epoch: a remembered "unknown" would outlive its truth."""
    number, _ = revocable.ca.prepare()
    asker = Asker(revocable, number)
    assert asker.status() is UNKNOWN
    assert not asker.ask().is_shared
    asker.ask(b"n" * 32)
    revocable.ca.issuance.complete(revocable.database, number, OPERATOR)
    assert asker.status() is GOOD
    found = ocsp.load_der_ocsp_response(asker.ask(b"n" * 32).der)
    assert found.certificate_status is GOOD


def test_the_cert_id_decides_which_issuing_ca_answers(revocable: RevocableCa) -> None:
    """After a rollover: the one before still answers for its own, with its own signer."""
    hierarchy = revocable.ca.hierarchy
    old = revocable.issue()
    assert Asker(revocable, old.serial_number).status() is GOOD
    name = revocable.ca.store.rollover().roll_over(OPERATOR)
    assert revocable.ca.store.take_over(hierarchy, SERVER_NAMES, OPERATOR)
    new = revocable.issue()
    for issued, issuer, other in ((old, "issuing", name), (new, name, "issuing")):
        for algorithm in (hashes.SHA1(), hashes.SHA256()):  # noqa: S303
            answer = _ask(revocable, issuer, issued.serial_number, algorithm)
            assert answer.certificate_status is GOOD
            (signer,) = answer.certificates
            assert signer == hierarchy.ocsp_signers[issuer].certificate
            signer.verify_directly_issued_by(hierarchy.issuers[issuer].certificate)
            # The number belongs to the other: this one never issued it.
            crossed = _ask(revocable, other, issued.serial_number, algorithm)
            assert crossed.certificate_status is UNKNOWN


def _ask(
    revocable: RevocableCa, issuer: str, serial_number: str, algorithm: hashes.HashAlgorithm
) -> ocsp.OCSPResponse:
    certificate = revocable.ca.hierarchy.issuers[issuer].certificate
    request = request_for(certificate, serial_number, algorithm)
    return ocsp.load_der_ocsp_response(revocable.responder.respond(request))


def test_what_waits_to_be_reconciled_is_not_good(asker: Asker) -> None:
    """After a restore: a journal names it, and the database does not know yet (decision 14)."""
    assert asker.status() is GOOD
    with asker.revocable.database.writing() as session:
        at = asker.revocable.ca.clock.now()
        session.add(UnreconciledRevocation(serial_number=asker.serial_number, noted_at=at))
        advance_epoch(session)  # as `ca.journal.unreconciled` does
    _expect(asker.ask(), OCSPResponseStatus.TRY_LATER)
    _expect(asker.ask(b"n" * 32), OCSPResponseStatus.TRY_LATER)


def test_an_answer_with_a_nonce_is_for_one_asker(asker: Asker) -> None:
    shared = asker.ask()
    first, second = asker.ask(b"1" * 32), asker.ask(b"2" * 32)
    assert not first.is_shared
    for answer, nonce in ((first, b"1" * 32), (second, b"2" * 32)):
        extensions = ocsp.load_der_ocsp_response(answer.der).extensions
        assert extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce
    # Nor does it take the place of the one for all.
    assert asker.ask() is shared


def test_a_renewed_signer_ends_the_answers_of_the_old(asker: Asker) -> None:
    hierarchy = asker.revocable.ca.hierarchy
    old = hierarchy.ocsp_signers["issuing"]
    asker.ask()
    asker.revocable.ca.clock.set(old.certificate.not_valid_after_utc - timedelta(days=5))
    first = asker.ask()
    asker.ask(b"1" * 32)
    asker.revocable.ca.store.renew_services(hierarchy, SERVER_NAMES, OPERATOR)
    (enclosed,) = ocsp.load_der_ocsp_response(asker.ask().der).certificates
    assert enclosed == hierarchy.ocsp_signers["issuing"].certificate != old.certificate
    named = ocsp.load_der_ocsp_response(asker.ask(b"2" * 32).der).responder_key_hash
    assert named == x509.SubjectKeyIdentifier.from_public_key(enclosed.public_key()).digest
    assert asker.ask() is not first


def test_no_answer_outlives_its_signer(asker: Asker) -> None:
    end = asker.revocable.ca.hierarchy.ocsp_signers["issuing"].certificate.not_valid_after_utc
    asker.revocable.ca.clock.set(end - timedelta(minutes=1))
    answer = asker.ask()
    assert answer.next_update == end
    asker.revocable.ca.clock.set(end - timedelta(seconds=29))
    assert asker.ask() is not answer
    asker.revocable.ca.clock.set(end)
    _expect(asker.ask(), OCSPResponseStatus.TRY_LATER)


def test_a_clock_before_the_signer_says_try_later(asker: Asker) -> None:
    begin = asker.revocable.ca.hierarchy.ocsp_signers["issuing"].certificate.not_valid_before_utc
    asker.revocable.ca.clock.set(begin - timedelta(seconds=1))
    _expect(asker.ask(), OCSPResponseStatus.TRY_LATER)


@dataclass
class _Authorities:
    """A hierarchy with signers of the test's choice."""

    issuers: Mapping[str, Authority]
    ocsp_signers: Mapping[str, OcspSigner]


class _Failing:
    """A signer that fails."""

    def __init__(self, signer: Signer, failure: Exception) -> None:
        self.public_key = signer.public_key
        self._failure = failure

    def sign_certificate(self, linted: object) -> x509.Certificate:
        raise self._failure

    def sign_unverified(self, linted: object) -> UnverifiedCertificate:
        raise self._failure

    def sign_crl(self, tbs: bytes) -> bytes:
        raise self._failure

    def sign_ocsp(self, tbs: bytes) -> bytes:
        raise self._failure


class _Flaky(_Failing):
    """A signer that fails while it is away."""

    is_away = False

    def __init__(self, signer: Signer, failure: Exception) -> None:
        super().__init__(signer, failure)
        self._signer = signer

    def sign_ocsp(self, tbs: bytes) -> bytes:
        return super().sign_ocsp(tbs) if self.is_away else self._signer.sign_ocsp(tbs)


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (KeyUnavailable("ocsp"), OCSPResponseStatus.TRY_LATER),
        (RuntimeError("a fault"), OCSPResponseStatus.INTERNAL_ERROR),
    ],
)
def test_a_signer_that_fails_has_its_status(
    asker: Asker, failure: Exception, expected: OCSPResponseStatus
) -> None:
    hierarchy = asker.revocable.ca.hierarchy
    real = hierarchy.ocsp_signers["issuing"]
    failing = replace(real, signer=_Failing(real.signer, failure))
    asker.responder = OcspResponder(
        database=asker.revocable.database,
        hierarchy=_Authorities(hierarchy.issuers, {"issuing": failing}),
        clock=asker.revocable.ca.clock,
    )
    _expect(asker.ask(), expected)


def test_without_its_signer_the_last_answer_is_given_to_its_end(asker: Asker) -> None:
    """Signed for this epoch, so still true; and gone with the epoch."""
    hierarchy, clock = asker.revocable.ca.hierarchy, asker.revocable.ca.clock
    real = hierarchy.ocsp_signers["issuing"]
    flaky = _Flaky(real.signer, KeyUnavailable("ocsp"))
    asker.responder = OcspResponder(
        database=asker.revocable.database,
        hierarchy=_Authorities(hierarchy.issuers, {"issuing": replace(real, signer=flaky)}),
        clock=clock,
    )
    last = asker.ask()
    flaky.is_away = True
    clock.advance(minutes=4, seconds=58)
    assert asker.ask() is last
    _expect(asker.ask(b"n" * 32), OCSPResponseStatus.TRY_LATER)
    asker.revocable.revoke(asker.serial_number)
    _expect(asker.ask(), OCSPResponseStatus.TRY_LATER)
    flaky.is_away = False
    assert asker.status() is REVOKED


def test_without_its_signer_nothing_is_given_after_its_end(asker: Asker) -> None:
    hierarchy = asker.revocable.ca.hierarchy
    real = hierarchy.ocsp_signers["issuing"]
    flaky = _Flaky(real.signer, KeyUnavailable("ocsp"))
    asker.responder = OcspResponder(
        database=asker.revocable.database,
        hierarchy=_Authorities(hierarchy.issuers, {"issuing": replace(real, signer=flaky)}),
        clock=asker.revocable.ca.clock,
    )
    asker.ask()
    flaky.is_away = True
    asker.revocable.ca.clock.advance(minutes=5)
    _expect(asker.ask(), OCSPResponseStatus.TRY_LATER)


def test_an_issuer_without_signer_says_try_later(asker: Asker) -> None:
    asker.responder = OcspResponder(
        database=asker.revocable.database,
        hierarchy=_Authorities(asker.revocable.ca.hierarchy.issuers, {}),
        clock=asker.revocable.ca.clock,
    )
    _expect(asker.ask(), OCSPResponseStatus.TRY_LATER)


def test_at_hand_is_what_was_remembered_in_the_epoch_that_was_read(asker: Asker) -> None:
    epoch = _epoch(asker.revocable.database)
    assert asker.responder.answer_at_hand(asker.request(), epoch) is None
    answer = asker.ask()
    assert asker.responder.answer_at_hand(asker.request(), epoch) is answer
    with_nonce = asker.responder.answer_at_hand(asker.request(b"n" * 32), epoch)
    assert with_nonce is not None
    nonce = ocsp.load_der_ocsp_response(with_nonce.der).extensions[0].value
    assert nonce == x509.OCSPNonce(b"n" * 32)
    asker.revocable.revoke(asker.serial_number)
    now = _epoch(asker.revocable.database)
    assert now > epoch
    assert asker.responder.answer_at_hand(asker.request(), now) is None


def test_at_hand_signs_again_when_half_is_over(asker: Asker) -> None:
    epoch = _epoch(asker.revocable.database)
    first = asker.ask()
    asker.revocable.ca.clock.advance(minutes=3)
    second = asker.responder.answer_at_hand(asker.request(), epoch)
    assert second is not None
    assert second is not first
    assert second is asker.ask()


@pytest.mark.parametrize(
    ("make", "is_prompt"),
    [
        (lambda: KeySigner(ec.generate_private_key(ec.SECP256R1())), True),
        (lambda: KeySigner(rsa.generate_private_key(65537, 2048)), False),
        (lambda: _Failing(KeySigner(ec.generate_private_key(ec.SECP256R1())), OSError()), False),
    ],
    ids=["P-256 here", "RSA", "elsewhere"],
)
def test_only_a_quick_key_of_this_process_signs_in_the_loop(
    asker: Asker, make: Callable[[], Signer], is_prompt: bool
) -> None:
    hierarchy = asker.revocable.ca.hierarchy
    real = hierarchy.ocsp_signers["issuing"]
    authorities = _Authorities(hierarchy.issuers, dict(hierarchy.ocsp_signers))
    asker.responder = OcspResponder(
        database=asker.revocable.database, hierarchy=authorities, clock=asker.revocable.ca.clock
    )
    epoch = _epoch(asker.revocable.database)
    asker.ask()  # the status is known now
    authorities.ocsp_signers = {"issuing": replace(real, signer=make())}
    found = asker.responder.answer_at_hand(asker.request(b"n" * 32), epoch)
    assert (found is not None) == is_prompt


def test_refusals_are_at_hand(asker: Asker) -> None:
    root = request_for(asker.revocable.ca.hierarchy.root.certificate, asker.serial_number)
    for request, expected in (
        (b"not a request", OCSPResponseStatus.MALFORMED_REQUEST),
        (root, OCSPResponseStatus.UNAUTHORIZED),
    ):
        answer = asker.responder.answer_at_hand(request, 0)
        assert answer is not None
        _expect(answer, expected)


def test_no_thread_hears_good_after_the_revocation(asker: Asker) -> None:
    """Askers hammer while the certificate is held and released; each act counts at once."""
    acts = 0  # odd: a hold has been committed, and no release has been begun
    wrong: list[OCSPCertStatus] = []
    together = threading.Barrier(5)
    ended = threading.Event()

    def hammer() -> None:
        epochs = FreshEpoch(asker.revocable.database)
        together.wait()
        while not ended.is_set():
            before = acts
            epoch = epochs.at_hand() if epochs.is_at_hand else epochs._read_or_none()
            assert epoch is not None
            answer = asker.responder.answer_at_hand(asker.request(), epoch) or asker.ask()
            status = ocsp.load_der_ocsp_response(answer.der).certificate_status
            if before % 2 and acts == before and status is not REVOKED:
                wrong.append(status)
        epochs.close()

    threads = [threading.Thread(target=hammer) for _ in range(4)]
    for thread in threads:
        thread.start()
    together.wait()
    for _ in range(5):
        asker.revocable.hold(asker.serial_number)
        acts += 1
        ended.wait(0.05)
        acts += 1
        asker.revocable.release(asker.serial_number)
    asker.revocable.revoke(asker.serial_number)
    acts += 1
    ended.wait(0.1)
    ended.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert asker.status() is REVOKED


def _epoch(database: Database) -> int:
    epochs = FreshEpoch(database)
    try:
        found = epochs._read_or_none()
        assert found is not None
        return found
    finally:
        epochs.close()


def _expect(answer: Answer, status: OCSPResponseStatus) -> None:
    assert ocsp.load_der_ocsp_response(answer.der).response_status is status
    assert not answer.is_shared
