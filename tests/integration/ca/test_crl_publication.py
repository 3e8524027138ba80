"""Publishing CRLs on both databases: first, refreshed, kept when something fails."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from sqlalchemy import func, select

from ca.authorities import RootWithoutKey
from ca.crl import CrlFault, CrlPublication, RootKeyOffline, find_crl_number
from ca.crl.gate import Passage, number_of, verify_new_crl
from ca.crl.models import CrlEntryRecord, CrlPart, CrlRecord
from ca.crl.shards import DEFAULT_SHARDS
from ca.errors import KeyUnavailable
from ca.key_types import CaPublicKey
from ca.models import AuthorityName
from ca.signing import UnverifiedCertificate
from foundation.audit import Actor, AuditEntry
from foundation.errors import Denied
from tests.support.revocation import CRL_VALIDITY, RULES, RevocableCa

SHARDS = [f"issuing/{number}" for number in range(DEFAULT_SHARDS)]
EVERYTHING = ["root", "issuing", *SHARDS]


def _number(revocable: RevocableCa, issuer: AuthorityName, scope: str = "full") -> int | None:
    with revocable.database.reading() as session:
        return find_crl_number(session, issuer, scope)


def _refresh(revocable: RevocableCa) -> list[str]:
    return list(revocable.crls.refresh_due(revocable.database))


def _with_rules(revocable: RevocableCa, **changes: object) -> CrlPublication:
    return CrlPublication(
        authorities=revocable.ca.hierarchy,
        audit=revocable.ca.audit,
        clock=revocable.ca.clock,
        rules=replace(RULES, **changes),  # type: ignore[arg-type]
    )


def _audited(revocable: RevocableCa, action: str) -> list[AuditEntry]:
    with revocable.database.reading() as session:
        query = select(AuditEntry).where(AuditEntry.action == action)
        return list(session.scalars(query.order_by(AuditEntry.sequence)))


def test_the_first_ones_are_there_and_empty(revocable: RevocableCa) -> None:
    assert list(revocable.crl("root")) == []
    assert list(revocable.crl("issuing")) == []
    for shard in range(DEFAULT_SHARDS):
        assert list(revocable.crl("issuing", str(shard))) == []
    assert _refresh(revocable) == []


def test_many_shards_are_one_audit_entry(revocable: RevocableCa) -> None:
    subjects = [entry.subject for entry in _audited(revocable, "crl.published")]
    assert subjects == ["crl:root", "crl:issuing"]


def test_refreshed_at_half_of_its_validity_and_not_before(revocable: RevocableCa) -> None:
    revocable.ca.clock.advance(CRL_VALIDITY / 2 - timedelta(seconds=1))
    assert _refresh(revocable) == []
    revocable.ca.clock.advance(seconds=1)
    assert _refresh(revocable) == EVERYTHING


def test_numbers_are_the_time_in_milliseconds(revocable: RevocableCa) -> None:
    revocable.ca.clock.advance(CRL_VALIDITY)
    _refresh(revocable)
    now = int(revocable.ca.clock.now().timestamp()) * 1000
    assert _number(revocable, "root") == _number(revocable, "issuing") == now
    assert _number(revocable, "issuing", "7") == now


def test_refreshed_by_an_interval_of_its_own(revocable: RevocableCa) -> None:
    crls = _with_rules(revocable, refresh_after=timedelta(days=1))
    revocable.ca.clock.advance(days=1)
    assert list(crls.refresh_due(revocable.database)) == EVERYTHING


def test_a_revocation_counts_as_a_refresh(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    revocable.ca.clock.advance(CRL_VALIDITY / 2)
    revocable.revoke(issued.serial_number)
    shard = int(issued.serial_number, 16) % DEFAULT_SHARDS
    assert set(EVERYTHING) - set(_refresh(revocable)) == {"issuing", f"issuing/{shard}"}


def test_a_refresh_keeps_every_entry(revocable: RevocableCa) -> None:
    serial_numbers = [revocable.issue().serial_number for _ in range(3)]
    for serial_number in serial_numbers:
        revocable.revoke(serial_number)
    revocable.ca.clock.advance(CRL_VALIDITY / 2)
    _refresh(revocable)
    assert all(revocable.listed(serial_number) for serial_number in serial_numbers)


def test_long_lists_are_read_and_stored_piece_by_piece(
    revocable: RevocableCa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ca.crl.entries._FETCHED", 3)
    monkeypatch.setattr("ca.crl.stored._SHORT", 100)
    monkeypatch.setattr("ca.crl.storing.PART_OCTETS", 100)
    serials = [revocable.issue().serial_number for _ in range(7)]
    revocable.crls.refresh_due(revocable.database)
    revocable.revoke(serials[0])
    with revocable.database.writing() as session:
        revocable.revocation.revoke_all(session, serials[1:], "superseded", Actor("li.security"))
    for serial_number in serials:
        assert revocable.listed(serial_number) is not None
    with revocable.database.writing() as session:
        again = revocable.crls.publish(session, "issuing", Actor.system())
    assert again.entries == len(list(revocable.crl())) == len(serials)


def test_two_nodes_that_refresh_at_once_publish_once(revocable: RevocableCa) -> None:
    revocable.ca.clock.advance(CRL_VALIDITY)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(revocable.crls.refresh_due, [revocable.database] * 4))
    assert sorted(name for published in done for name in published) == sorted(EVERYTHING)


def test_a_clock_set_back_stops_no_revocation(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    before = revocable.shard_of(issued.serial_number)
    revocable.ca.clock.advance(hours=-3)
    revocable.revoke(issued.serial_number)
    after = revocable.shard_of(issued.serial_number)
    assert revocable.listed(issued.serial_number) is not None
    assert after.last_update_utc == before.last_update_utc
    assert number_of(after) == number_of(before) + 1


def test_a_crl_never_outlives_its_authority(revocable: RevocableCa) -> None:
    end = revocable.ca.hierarchy.issuing.certificate.not_valid_after_utc
    revocable.ca.clock.set(end - timedelta(days=1))
    _refresh(revocable)
    assert revocable.crl().next_update_utc == end
    assert revocable.crl("issuing", "3").next_update_utc == end


def test_nobody_publishes_for_an_authority_that_is_over(revocable: RevocableCa) -> None:
    end = revocable.ca.hierarchy.issuing.certificate.not_valid_after_utc
    revocable.ca.clock.set(end + timedelta(seconds=1))
    assert _refresh(revocable) == ["root"]


def test_only_the_newest_two_are_kept(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    for _ in range(3):
        revocable.hold(issued.serial_number)
        revocable.release(issued.serial_number)
    shard = str(int(issued.serial_number, 16) % DEFAULT_SHARDS)
    with revocable.database.reading() as session:
        for scope in ("full", shard):
            for table in (CrlRecord, CrlPart):
                kept = (
                    select(func.count())
                    .select_from(table)
                    .where(table.issuer == "issuing")
                    .where(table.scope == scope)
                )
                assert session.scalar(kept) == 2


def test_fewer_shards_later_leave_no_certificate_without_its_crl(revocable: RevocableCa) -> None:
    revocable.ca.clock.advance(CRL_VALIDITY)
    assert list(_with_rules(revocable, shards=2).refresh_due(revocable.database)) == EVERYTHING


def test_more_shards_later_are_published_at_once(revocable: RevocableCa) -> None:
    crls = _with_rules(revocable, shards=DEFAULT_SHARDS + 2)
    assert crls.refresh_due(revocable.database) == (
        f"issuing/{DEFAULT_SHARDS}",
        f"issuing/{DEFAULT_SHARDS + 1}",
    )


def test_after_a_move_a_shard_answers_to_both_addresses(revocable: RevocableCa) -> None:
    crls = _with_rules(revocable, pki_url="http://elsewhere.example.org")
    assert list(crls.refresh_due(revocable.database)) == SHARDS
    names = revocable.crl("issuing", "5").extensions.get_extension_for_class(
        x509.IssuingDistributionPoint
    )
    assert [name.value for name in names.value.full_name or []] == [
        "http://elsewhere.example.org/crl/issuing/5.crl",
        f"{RULES.pki_url}/crl/issuing/5.crl",
    ]
    assert crls.refresh_due(revocable.database) == ()


def _refusing(name: str) -> Callable[[bytes, x509.Certificate, CaPublicKey, Passage], None]:
    def refuse(der: bytes, issuer: x509.Certificate, key: CaPublicKey, passage: Passage) -> None:
        verify_new_crl(der, issuer, key, passage)
        if name in (issuer.subject.rfc4514_string(), *passage.content.addresses):
            raise CrlFault("broken")

    return refuse


def test_a_refused_crl_leaves_the_old_one_and_stops_no_other(
    revocable: RevocableCa, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = revocable.crl("root")
    monkeypatch.setattr("ca.crl.making.verify_new_crl", _refusing(before.issuer.rfc4514_string()))
    revocable.ca.clock.advance(CRL_VALIDITY / 2)
    with pytest.raises(CrlFault):
        _refresh(revocable)
    assert revocable.crl("root") == before
    assert revocable.crl().last_update_utc > before.last_update_utc
    (refused,) = _audited(revocable, "crl.refused")
    assert (refused.subject, refused.outcome) == ("crl:root", "refused")


def test_one_refused_shard_stops_no_other(
    revocable: RevocableCa, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = revocable.crl("issuing", "5")
    monkeypatch.setattr(
        "ca.crl.making.verify_new_crl", _refusing(f"{RULES.pki_url}/crl/issuing/5.crl")
    )
    revocable.ca.clock.advance(CRL_VALIDITY / 2)
    with pytest.raises(CrlFault):
        _refresh(revocable)
    assert revocable.crl("issuing", "5") == before
    for other in ("4", "6", str(DEFAULT_SHARDS - 1)):
        assert revocable.crl("issuing", other).last_update_utc > before.last_update_utc
    assert [entry.outcome for entry in _audited(revocable, "crl.refused")] == ["refused"]


def test_without_the_root_key_its_crl_waits_for_the_ceremony(revocable: RevocableCa) -> None:
    revocable.ca.hierarchy.root = RootWithoutKey("root", revocable.ca.hierarchy.root.certificate)
    revocable.ca.clock.advance(CRL_VALIDITY / 2)
    assert _refresh(revocable) == ["issuing", *SHARDS]
    with revocable.database.writing() as session, pytest.raises(RootKeyOffline):
        revocable.crls.publish(session, "root", Actor.system())


def test_entries_are_forgotten_when_no_crl_lists_them_any_more(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    revocable.revoke(issued.serial_number)
    revocable.ca.clock.set(issued.certificate.not_valid_after_utc)

    def entries() -> int | None:
        with revocable.database.reading() as session:
            return session.scalar(select(func.count()).select_from(CrlEntryRecord))

    for expected in (1, 0):
        revocable.ca.clock.advance(CRL_VALIDITY)
        _refresh(revocable)
        assert entries() == expected


class _Away:
    """The issuing CA's signer, which nobody can reach."""

    def __init__(self, public_key: CaPublicKey) -> None:
        self.public_key = public_key

    def sign_certificate(self, linted: object) -> x509.Certificate:
        raise KeyUnavailable("issuing")

    def sign_unverified(self, linted: object) -> UnverifiedCertificate:
        raise KeyUnavailable("issuing")

    def sign_crl(self, tbs: bytes) -> bytes:
        raise KeyUnavailable("issuing")

    def sign_ocsp(self, tbs: bytes) -> bytes:
        raise KeyUnavailable("issuing")


def test_a_revocation_does_not_wait_for_a_signer_that_is_away(revocable: RevocableCa) -> None:
    """Dead at once; the CRLs follow when the signer is back."""
    hierarchy = revocable.ca.hierarchy
    issuing = hierarchy.issuing
    issued = revocable.ca.issue()
    before = _number(revocable, "issuing")
    hierarchy.issuers = {"issuing": replace(issuing, signer=_Away(issuing.signer.public_key))}

    done = revocable.revoke(issued.serial_number)
    assert (done.state, done.crl_number) == ("revoked", 0)
    with pytest.raises(Denied, match="certificate-revoked"):
        revocable.verify(issued.certificate)
    assert _number(revocable, "issuing") == before
    assert "key-unavailable" in _audited(revocable, "crl.refused")[-1].facts
    with pytest.raises(KeyUnavailable):
        _refresh(revocable)

    hierarchy.issuers = {"issuing": issuing}
    shard = f"issuing/{int(issued.serial_number, 16) % DEFAULT_SHARDS}"
    assert set(_refresh(revocable)) == {"issuing", shard}
    number = int(issued.serial_number, 16)
    assert revocable.crl("issuing").get_revoked_certificate_by_serial_number(number) is not None
    assert _refresh(revocable) == []
