"""One issuing CA follows another (issue 3, part 3): nobody's certificate stops working."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import ocsp
from sqlalchemy import func, select

from ca.authorities import Authority
from ca.authorities.records import read_authorities
from ca.crl import RootKeyOffline
from ca.epoch import read_epoch
from ca.errors import CertificateAlreadyRevoked, HierarchyExists, KeyUnavailable
from ca.models import AuthorityRecord
from ca.names.authority_names import issuing_common_name, issuing_number, next_issuing_name
from ca.profiles.lifetimes import Lifetimes
from ca.revocation.acts import Acts
from ca.rollover import (
    AuthorityNotRetired,
    IssuingCaEnding,
    RolloverConflict,
    RolloverRefused,
    summarise_authorities,
)
from ca.rollover.errors import AuthorityUnknown
from ca.signing import LocalSigners
from foundation.audit import verify_chain
from foundation.database import Database
from foundation.errors import Denied
from tests.support.certification import OPERATOR, SERVER_NAMES, Issued, make_store
from tests.support.revocation import RevocableCa, make_revocable, request_for


def roll_over(revocable: RevocableCa) -> str:
    """Roll over and let the running services take it over, as `certgate up` does."""
    name = revocable.ca.store.rollover().roll_over(OPERATOR)
    assert revocable.ca.store.take_over(revocable.ca.hierarchy, SERVER_NAMES, OPERATOR)
    revocable.crls.refresh_due(revocable.database)
    return name


def end(revocable: RevocableCa, name: str, reason: str = "cACompromise") -> None:
    acts = Acts(revocable.crls, revocable.ca.audit, journal=None)
    ending = IssuingCaEnding(acts, revocable.ca.audit, revocable.ca.clock)
    with revocable.database.writing() as session:
        ending.revoke(session, name, reason, OPERATOR)


def issuer_of(revocable: RevocableCa, issued: Issued) -> str:
    with revocable.database.reading() as session:
        for name, record in read_authorities(session).items():
            certificate = x509.load_der_x509_certificate(record.certificate)
            if certificate.subject == issued.certificate.issuer:
                return name
    raise AssertionError("nobody issued it")


def test_old_and_new_certificates_verify_and_each_names_its_own_issuer(
    revocable: RevocableCa,
) -> None:
    old = revocable.issue()
    assert roll_over(revocable) == "issuing-2"
    new = revocable.issue()
    assert issuer_of(revocable, old) == "issuing"
    assert issuer_of(revocable, new) == "issuing-2"
    for issued in (old, new):
        assert revocable.verify(issued.certificate).serial_number == issued.serial_number
        assert revocable.verify(issued.certificate).subscriber == "wh000123"
    points = new.certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints)
    assert "/crl/issuing-2/" in str(points.value)
    access = new.certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    assert "/ca/issuing-2.cer" in str(access.value)


def test_the_new_one_has_a_name_a_key_and_identifiers_of_its_own(revocable: RevocableCa) -> None:
    old = revocable.ca.hierarchy.issuing
    roll_over(revocable)
    new = revocable.ca.hierarchy.issuing
    assert new.certificate.subject.rfc4514_string() == "CN=CertGate Issuing CA 2,O=CertGate,C=CN"
    assert new.certificate.public_key() != old.certificate.public_key()
    assert new.certificate.issuer == old.certificate.issuer
    new.certificate.verify_directly_issued_by(revocable.ca.hierarchy.root.certificate)


def test_revocation_goes_on_below_both(revocable: RevocableCa) -> None:
    first, second = revocable.issue(), revocable.issue()
    roll_over(revocable)
    third = revocable.issue()
    revocable.revoke(first.serial_number)
    revocable.revoke(third.serial_number)
    for dead in (first, third):
        with pytest.raises(Denied) as refused:
            revocable.verify(dead.certificate)
        assert refused.value.code == "certificate-revoked"
    assert revocable.verify(second.certificate).serial_number == second.serial_number
    assert revocable.crl("issuing").get_revoked_certificate_by_serial_number(
        int(first.serial_number, 16)
    )
    assert revocable.crl("issuing-2").get_revoked_certificate_by_serial_number(
        int(third.serial_number, 16)
    )


def test_ocsp_answers_for_both_each_by_its_own_signer(revocable: RevocableCa) -> None:
    old = revocable.issue()
    before = revocable.ca.hierarchy.issuing.certificate
    roll_over(revocable)
    new = revocable.issue()
    after = revocable.ca.hierarchy.issuing.certificate
    for issuer, issued in ((before, old), (after, new)):
        request = request_for(issuer, issued.serial_number)
        response = ocsp.load_der_ocsp_response(revocable.responder.respond(request))
        assert response.certificate_status is ocsp.OCSPCertStatus.GOOD
        (signer,) = response.certificates
        assert signer.issuer == issuer.subject
    # Each knows its own certificates only.
    crossed = revocable.responder.respond(request_for(after, old.serial_number))
    status = ocsp.load_der_ocsp_response(crossed).certificate_status
    assert status is ocsp.OCSPCertStatus.UNKNOWN


def test_the_server_gets_a_certificate_of_the_new_one(revocable: RevocableCa) -> None:
    before = revocable.ca.hierarchy.server
    roll_over(revocable)
    after = revocable.ca.hierarchy.server
    assert after.certificate != before.certificate
    assert after.issuing == revocable.ca.hierarchy.issuing.certificate
    assert after.certificate.issuer == after.issuing.subject


def test_whoever_did_not_roll_over_changes_nothing(revocable: RevocableCa) -> None:
    before = revocable.ca.hierarchy.issuing
    assert not revocable.ca.store.take_over(revocable.ca.hierarchy, SERVER_NAMES, OPERATOR)
    assert revocable.ca.hierarchy.issuing is before


def test_a_revoked_issuing_ca_ends_everything_below_it_at_once(revocable: RevocableCa) -> None:
    """The compromise runbook (docs/operations.md), without waiting for any cache."""
    old = revocable.issue()
    assert revocable.verify(old.certificate).serial_number == old.serial_number
    roll_over(revocable)
    new = revocable.issue()
    with revocable.database.reading() as session:
        epoch = read_epoch(session)
    end(revocable, "issuing")
    with pytest.raises(Denied) as refused:
        revocable.verify(old.certificate)
    assert refused.value.code == "certificate-untrusted"
    assert revocable.verify(new.certificate).serial_number == new.serial_number
    with revocable.database.reading() as session:
        assert read_epoch(session) == epoch + 1
    (entry,) = revocable.crl("root")
    reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason is x509.ReasonFlags.ca_compromise


def test_the_key_of_a_revoked_one_may_be_destroyed(revocable: RevocableCa) -> None:
    revocable.issue()
    key_name = _record(revocable.database, "issuing").key_name
    roll_over(revocable)
    revocable.ca.keys.discard(key_name)
    with pytest.raises(KeyUnavailable):
        revocable.ca.store.load(SERVER_NAMES, OPERATOR)
    end(revocable, "issuing")
    loaded = revocable.ca.store.load(SERVER_NAMES, OPERATOR)
    assert list(loaded.issuers) == ["issuing-2"]


def test_the_one_that_issues_is_not_ended_and_nothing_is_ended_twice(
    revocable: RevocableCa,
) -> None:
    with pytest.raises(AuthorityNotRetired):
        end(revocable, "issuing")
    roll_over(revocable)
    for name in ("root", "issuing-9"):
        with pytest.raises(AuthorityUnknown):
            end(revocable, name)
    with pytest.raises(RolloverRefused):
        end(revocable, "issuing", "certificateHold")
    end(revocable, "issuing", "superseded")
    with pytest.raises(CertificateAlreadyRevoked):
        end(revocable, "issuing", "superseded")


def test_a_retired_one_is_dropped_when_its_last_certificate_has_expired(
    database: Database, tmp_path: Path
) -> None:
    revocable = make_revocable(database, tmp_path)
    revocable.issue()
    roll_over(revocable)
    assert set(revocable.ca.hierarchy.issuers) == {"issuing", "issuing-2"}
    revocable.ca.clock.advance(Lifetimes().validity("unit", revocable.ca.clock.now(), None)[1]
        - revocable.ca.clock.now() + timedelta(seconds=1))  # fmt: skip
    assert revocable.ca.store.take_over(revocable.ca.hierarchy, SERVER_NAMES, OPERATOR)
    assert set(revocable.ca.hierarchy.issuers) == {"issuing-2"}
    with database.reading() as session:
        standings = {
            each.name: each.standing
            for each in summarise_authorities(
                session, LocalSigners(revocable.ca.keys), revocable.ca.clock.now()
            )
        }
    assert standings == {"root": "active", "issuing-2": "active", "issuing": "finished"}


def test_a_number_that_was_reserved_keeps_its_issuer_at_work(revocable: RevocableCa) -> None:
    """A slip that was printed before the rollover is picked up after it."""
    serial_number, _ = revocable.ca.prepare()
    roll_over(revocable)
    certificate = revocable.ca.issuance.complete(revocable.database, serial_number, OPERATOR)
    old = revocable.ca.hierarchy.issuers["issuing"].certificate
    certificate.verify_directly_issued_by(old)
    assert revocable.verify(certificate).serial_number == serial_number


def test_three_generations_stand_side_by_side(revocable: RevocableCa) -> None:
    certificates = [revocable.issue()]
    for expected in ("issuing-2", "issuing-3"):
        revocable.ca.clock.advance(hours=1)
        assert roll_over(revocable) == expected
        certificates.append(revocable.issue())
    assert list(revocable.ca.hierarchy.issuers) == ["issuing-3", "issuing-2", "issuing"]
    for issued in certificates:
        assert revocable.verify(issued.certificate).serial_number == issued.serial_number


def test_without_the_roots_key_there_is_no_rollover_here(revocable: RevocableCa) -> None:
    revocable.ca.keys.discard(_record(revocable.database, "root").key_name)
    with pytest.raises(RootKeyOffline):
        revocable.ca.store.rollover().roll_over(OPERATOR)
    assert _count(revocable.database) == 2


def test_two_rollovers_at_once_are_one(database: Database, tmp_path: Path) -> None:
    revocable = make_revocable(database, tmp_path)

    def once(_: int) -> str | None:
        try:
            return revocable.ca.store.rollover().roll_over(OPERATOR)
        except (RolloverConflict, HierarchyExists):
            return None

    with ThreadPoolExecutor(2) as pool:
        done = [name for name in pool.map(once, range(2)) if name is not None]
    with database.reading() as session:
        states = [record.state for name, record in read_authorities(session).items()
                  if name != "root"]  # fmt: skip
        assert states.count("active") == 1
        assert verify_chain(session) > 0
    # Both may have done it, one after the other; never both as the same one.
    assert len(set(done)) == len(done) >= 1


@pytest.mark.parametrize(
    "step",
    [
        "ca.rollover.rollover.make_authority_key",
        "ca.authorities.certificates.AuthorityCertificates.make_issuing",
        "ca.rollover.rollover.retire",
        "ca.authorities.register.AuthorityRegister.enter",
        "ca.rollover.rollover.advance_epoch",
    ],
)
def test_killed_on_the_way_leaves_the_hierarchy_as_it_was(
    step: str, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    revocable = make_revocable(database, tmp_path)
    issued = revocable.issue()
    with monkeypatch.context() as patched:
        patched.setattr(step, _crash)
        with pytest.raises(Crash):
            revocable.ca.store.rollover().roll_over(OPERATOR)
    loaded = make_store(database, tmp_path, clock=revocable.ca.clock).load(SERVER_NAMES, OPERATOR)
    assert list(loaded.issuers) == ["issuing"]
    assert revocable.verify(issued.certificate).serial_number == issued.serial_number
    assert roll_over(revocable) == "issuing-2"


def test_killed_after_it_is_completed_by_the_next_start(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    revocable = make_revocable(database, tmp_path)
    old = revocable.issue()
    revocable.ca.store.rollover().roll_over(OPERATOR)
    with monkeypatch.context() as patched:
        patched.setattr(
            "ca.hierarchy.service_credentials.ServiceCredentials.ensure_ocsp_signers", _crash
        )
        with pytest.raises(Crash):
            revocable.ca.store.take_over(revocable.ca.hierarchy, SERVER_NAMES, OPERATOR)
    assert revocable.ca.hierarchy.issuing.name == "issuing"
    restarted = make_store(database, tmp_path, clock=revocable.ca.clock)
    assert restarted.load(SERVER_NAMES, OPERATOR).issuing.name == "issuing-2"
    assert revocable.verify(old.certificate).serial_number == old.serial_number


def test_the_server_may_have_other_names_after_it(database: Database, tmp_path: Path) -> None:
    """The remedy for a changed host name: the new issuing CA is confined to the new names."""
    revocable = make_revocable(database, tmp_path)
    names = ("portal.example.com", "127.0.0.1")
    moved = make_store(database, tmp_path, clock=revocable.ca.clock, server_names=names)
    moved.rollover().roll_over(OPERATOR)
    server = moved.load(names, OPERATOR).server
    san = server.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert san.value.get_values_for_type(x509.DNSName) == ["portal.example.com"]


def test_names_and_numbers() -> None:
    assert [issuing_number(name) for name in ("issuing", "issuing-2", "issuing-40")] == [1, 2, 40]
    assert next_issuing_name(["root"]) == "issuing"
    assert next_issuing_name(["root", "issuing-2", "issuing"]) == "issuing-3"
    assert issuing_common_name("issuing-3") == "Issuing CA 3"
    for wrong in ("root", "issuing-1", "issuing-02", "issuing-", "issuing-2x", "Issuing"):
        with pytest.raises(ValueError, match="names no issuing CA"):
            issuing_number(wrong)


class Crash(BaseException):
    """Stands for a process that was killed."""


def _crash(*_: object, **__: object) -> None:
    raise Crash


def _record(database: Database, name: str) -> AuthorityRecord:
    with database.reading() as session:
        return read_authorities(session)[name]


def _count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(AuthorityRecord)) or 0


def test_the_root_that_rolls_over_is_the_one_that_was_loaded(revocable: RevocableCa) -> None:
    assert isinstance(revocable.ca.store.load_authorities().root, Authority)
