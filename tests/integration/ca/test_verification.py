"""The client certificate verifier on both databases: freshness, limits, memory."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import event, update

from ca.crl.gate import number_of
from ca.crl.scopes import scope_of
from ca.crl.shards import DEFAULT_SHARDS
from ca.crl.storing import withdraw_crls
from ca.keys import generate_key
from ca.models import CertificateRecord
from ca.verification import ClientCertificateVerifier
from ca.verification.certificate import LONGEST_CERTIFICATE, LONGEST_CHAIN
from ca.verification.standing import find_fallen
from ca.verification.stores import TrustStores
from ca.verification.trust import TrustKey
from foundation.database import Database
from foundation.errors import Denied, Unavailable
from tests.support.certification import OPERATOR, UNIT, Issued
from tests.support.revocation import CRL_VALIDITY, RevocableCa


def _der(issued: Issued) -> bytes:
    return issued.certificate.public_bytes(Encoding.DER)


def test_who_it_is(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    verified = revocable.verify(issued.certificate)
    assert verified.serial_number == issued.serial_number
    assert (verified.subscriber, verified.profile) == ("wh000123", "unit")
    assert verified.not_after == issued.certificate.not_valid_after_utc
    assert len(verified.fingerprint_sha256) == 64
    assert verified.fingerprint_sha256.isupper()


@pytest.mark.parametrize(
    ("chain", "code"),
    [
        ([], "certificate-required"),
        ([b""], "certificate-untrusted"),
        ([b"\x30\x03\x02\x01\x01"], "certificate-untrusted"),
        ([b"\x00" * (LONGEST_CERTIFICATE + 1)], "certificate-untrusted"),
        ([b"\x00"] * (LONGEST_CHAIN + 1), "certificate-untrusted"),
    ],
)
def test_what_is_no_certificate(revocable: RevocableCa, chain: Sequence[bytes], code: str) -> None:
    with pytest.raises(Denied) as refused:
        revocable.verifier.verify(chain)
    assert refused.value.code == code


def test_octets_after_the_certificate_are_refused(revocable: RevocableCa) -> None:
    with pytest.raises(Denied):
        revocable.verifier.verify([_der(revocable.issue()) + b"\x00"])


def test_what_comes_along_is_not_needed_and_not_believed(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    chain = [_der(issued), b"not a certificate"]
    assert revocable.verifier.verify(chain).serial_number == issued.serial_number


def test_an_act_of_another_process_counts_at_once(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    elsewhere = Database(revocable.database.url)
    verifier = ClientCertificateVerifier(elsewhere, revocable.ca.clock)
    verifier.verify([_der(issued)])
    revocable.hold(issued.serial_number)
    with pytest.raises(Denied):
        verifier.verify([_der(issued)])
    revocable.release(issued.serial_number)
    verifier.verify([_der(issued)])
    elsewhere.dispose()


def test_within_an_epoch_a_result_is_remembered(revocable: RevocableCa) -> None:
    der = _der(revocable.issue())
    revocable.verifier.verify([der])
    assert _statements(revocable, der) == 1, "the epoch and nothing else"
    revocable.revoke(revocable.issue().serial_number)
    assert _statements(revocable, der) > 1


def test_the_memory_is_bounded(revocable: RevocableCa) -> None:
    verifier = ClientCertificateVerifier(revocable.database, revocable.ca.clock, remembered=2)
    ders = [_der(revocable.issue()) for _ in range(3)]
    for der in ders:
        verifier.verify([der])
    assert _statements(revocable, ders[2], verifier) == 1
    assert _statements(revocable, ders[0], verifier) > 1


@pytest.mark.parametrize("is_remembered", [True, False])
def test_expiry_ends_a_remembered_result_too(revocable: RevocableCa, is_remembered: bool) -> None:
    issued = revocable.issue()
    end = issued.certificate.not_valid_after_utc
    revocable.ca.clock.set(end - timedelta(seconds=5))
    revocable.crls.refresh_due(revocable.database)
    if is_remembered:
        revocable.verify(issued.certificate)
    revocable.ca.clock.set(end + timedelta(seconds=1))
    with pytest.raises(Denied) as refused:
        revocable.verify(issued.certificate)
    assert refused.value.code == "certificate-expired"


@pytest.mark.parametrize("is_remembered", [True, False])
def test_without_a_current_crl_nobody_comes_in(revocable: RevocableCa, is_remembered: bool) -> None:
    issued = revocable.issue()
    end = revocable.crl("root").next_update_utc
    assert end is not None
    if is_remembered:
        revocable.ca.clock.set(end - timedelta(seconds=5))
        revocable.verify(issued.certificate)
    revocable.ca.clock.set(end + timedelta(seconds=1))
    with pytest.raises(Unavailable) as refused:
        revocable.verify(issued.certificate)
    assert refused.value.code == "crl-stale"
    revocable.crls.refresh_due(revocable.database)
    revocable.verify(issued.certificate)


def test_a_grace_believes_the_last_crl_a_little_longer(revocable: RevocableCa) -> None:
    """The policy's choice; whoever is revoked on record stays out."""
    kept, lost = revocable.issue(), revocable.issue()
    verifier = ClientCertificateVerifier(
        revocable.database, revocable.ca.clock, stale_crl_grace=timedelta(hours=2)
    )
    end = revocable.crl("root").next_update_utc
    assert end is not None
    revocable.ca.clock.set(end + timedelta(hours=1))
    verifier.verify([_der(kept)])
    with revocable.database.writing() as session:
        session.execute(
            update(CertificateRecord)
            .where(CertificateRecord.serial_number == lost.serial_number)
            .values(state="revoked", revoked_at=revocable.ca.clock.now(), reason="superseded")
        )
    with pytest.raises(Denied):
        verifier.verify([_der(lost)])
    revocable.ca.clock.set(end + timedelta(hours=2, seconds=1))
    with pytest.raises(Unavailable) as refused:
        verifier.verify([_der(kept)])
    assert refused.value.code == "crl-stale"


def test_a_grace_does_not_lengthen_a_certificate(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    verifier = ClientCertificateVerifier(
        revocable.database, revocable.ca.clock, stale_crl_grace=timedelta(days=2)
    )
    expiry = issued.certificate.not_valid_after_utc
    revocable.ca.clock.set(expiry - CRL_VALIDITY - timedelta(hours=1))
    revocable.crls.refresh_due(revocable.database)
    revocable.ca.clock.set(expiry + timedelta(seconds=1))
    with pytest.raises(Denied) as refused:
        verifier.verify([_der(issued)])
    assert refused.value.code == "certificate-expired"


def test_of_the_crls_only_those_of_the_path_count(revocable: RevocableCa) -> None:
    """Another shard, or the full CRL, may be missing: this certificate points elsewhere."""
    issued = revocable.issue()
    own = scope_of(int(issued.serial_number, 16) % DEFAULT_SHARDS)
    with revocable.database.writing() as session:
        for scope in {"full", "0", "1", "2"} - {own}:
            withdraw_crls(session, "issuing", scope)
    revocable.verify(issued.certificate)
    with revocable.database.writing() as session:
        withdraw_crls(session, "issuing", own)
    revocable.revoke(revocable.issue().serial_number)
    with revocable.database.writing() as session:
        withdraw_crls(session, "issuing", own)
    with pytest.raises(Unavailable):
        revocable.verify(issued.certificate)


def test_a_certificate_from_before_shards_is_checked_by_the_full_crl(
    revocable: RevocableCa,
) -> None:
    held, lost = _from_before_shards(revocable), _from_before_shards(revocable)
    revocable.verify(held.certificate)
    done = revocable.revoke(lost.serial_number)
    assert done.crl_number == number_of(revocable.crl())
    with pytest.raises(Denied):
        revocable.verify(lost.certificate)
    revocable.verify(held.certificate)
    with revocable.database.writing() as session:
        withdraw_crls(session, "issuing", "full")
    revocable.crls.refresh_due(revocable.database)
    assert revocable.listed(lost.serial_number) is not None
    revocable.verify(held.certificate)


def _from_before_shards(revocable: RevocableCa) -> Issued:
    """Issue as the program did before: the certificate names the full CRL."""
    key = generate_key("ecdsa-p256")
    ca = revocable.ca
    with revocable.database.writing() as session:
        number = ca.issuance.reserve_serial(
            session, profile="unit", subscriber="wh000123", by=OPERATOR
        )
        session.execute(
            update(CertificateRecord)
            .where(CertificateRecord.serial_number == number)
            .values(crl_shard=None)
        )
        session.expire_all()
        ca.issuance.prepare(session, number, subject=UNIT, public_key=key.public_key(), by=OPERATOR)
    return Issued(number, ca.issuance.complete(revocable.database, number, OPERATOR), key)


@pytest.mark.parametrize("stores", [1, 2])
def test_few_stores_serve_many_shards(revocable: RevocableCa, stores: int) -> None:
    kept = TrustStores(timedelta(0), stores=stores)
    now = revocable.ca.clock.now()
    with revocable.database.reading() as session:
        for _ in range(2):
            for shard in range(4):
                key = TrustKey("issuing", str(shard))
                assert kept.get(session, key, now).valid_until > now
        assert len(kept) == stores


@pytest.mark.parametrize("issuer", ["root", "issuing"])
def test_without_any_crl_nobody_comes_in(revocable: RevocableCa, issuer: str) -> None:
    issued = revocable.issue()
    with revocable.database.writing() as session:
        withdraw_crls(session, issuer)
    with pytest.raises(Unavailable):
        revocable.verify(issued.certificate)


def test_a_certificate_made_after_the_trust_store_is_good_at_once(revocable: RevocableCa) -> None:
    revocable.verify(revocable.issue().certificate)
    revocable.ca.clock.advance(seconds=30)
    revocable.verify(revocable.issue().certificate)


def test_the_record_counts_even_when_the_crl_is_silent(revocable: RevocableCa) -> None:
    """As after a restore that brought back an old CRL, or an error in publication."""
    issued = revocable.issue()
    with revocable.database.writing() as session:
        session.execute(
            update(CertificateRecord)
            .where(CertificateRecord.serial_number == issued.serial_number)
            .values(state="revoked", revoked_at=revocable.ca.clock.now(), reason="superseded")
        )
    with pytest.raises(Denied) as refused:
        revocable.verify(issued.certificate)
    assert (refused.value.code, refused.value.params) == (
        "certificate-revoked",
        {"reason": "superseded"},
    )


def test_many_threads_verify_while_another_revokes(revocable: RevocableCa) -> None:
    kept, lost = revocable.issue(), revocable.issue()

    def verify(issued: Issued) -> bool:
        try:
            revocable.verify(issued.certificate)
        except Denied:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        before = [pool.submit(verify, kept) for _ in range(40)]
        pool.submit(revocable.revoke, lost.serial_number).result()
        after = [pool.submit(verify, lost) for _ in range(40)]
    assert all(done.result() for done in before)
    assert not any(done.result() for done in after)


def test_fallen_are_all_that_are_not_good(revocable: RevocableCa) -> None:
    kept, held, lost = (revocable.verify(revocable.issue().certificate) for _ in range(3))
    revocable.hold(held.serial_number)
    revocable.revoke(lost.serial_number)
    asked = [kept.fingerprint_sha256.lower(), held.fingerprint_sha256,
             lost.fingerprint_sha256.lower(), "00" * 32]  # fmt: skip
    with revocable.database.reading() as session:
        assert find_fallen(session, asked) == frozenset(asked[1:])
        assert find_fallen(session, []) == frozenset()


def test_the_first_crls_last_as_long_as_they_say(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    start = revocable.crl("root").last_update_utc
    revocable.ca.clock.set(start + CRL_VALIDITY - timedelta(seconds=1))
    revocable.verify(issued.certificate)


def _statements(
    revocable: RevocableCa, der: bytes, verifier: ClientCertificateVerifier | None = None
) -> int:
    """Return how many statements one verification takes."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    engine = revocable.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        (verifier or revocable.verifier).verify([der])
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len([statement for statement in seen if statement.startswith("SELECT")])
