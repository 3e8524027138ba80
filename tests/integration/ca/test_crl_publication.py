"""Publishing CRLs on both databases: first, refreshed, kept when something fails."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ca.authority import RootWithoutKey
from ca.crl import CrlFault, CrlPublication, RootKeyOffline, find_crl_number
from ca.models import AuthorityName, CrlRecord
from foundation.audit import Actor
from tests.support.revocation import CRL_VALIDITY, RevocableCa


def _number(revocable: RevocableCa, issuer: AuthorityName) -> int | None:
    with revocable.database.reading() as session:
        return find_crl_number(session, issuer)


def test_the_first_ones_are_there_and_empty(revocable: RevocableCa) -> None:
    assert list(revocable.crl("root")) == []
    assert list(revocable.crl("issuing")) == []
    assert revocable.crls.refresh_due(revocable.database) == ()


def test_refreshed_at_half_of_its_validity_and_not_before(revocable: RevocableCa) -> None:
    revocable.ca.clock.advance(CRL_VALIDITY / 2 - timedelta(seconds=1))
    assert revocable.crls.refresh_due(revocable.database) == ()
    revocable.ca.clock.advance(seconds=1)
    assert revocable.crls.refresh_due(revocable.database) == ("root", "issuing")
    assert (_number(revocable, "root"), _number(revocable, "issuing")) == (2, 2)


def test_refreshed_by_an_interval_of_its_own(revocable: RevocableCa) -> None:
    crls = CrlPublication(
        authorities=revocable.ca.hierarchy,
        audit=revocable.ca.audit,
        clock=revocable.ca.clock,
        validity=CRL_VALIDITY,
        refresh_after=timedelta(days=1),
    )
    revocable.ca.clock.advance(days=1)
    assert crls.refresh_due(revocable.database) == ("root", "issuing")


def test_a_revocation_counts_as_a_refresh(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    revocable.ca.clock.advance(CRL_VALIDITY / 2)
    revocable.revoke(issued.serial_number)
    assert revocable.crls.refresh_due(revocable.database) == ("root",)


def test_a_refresh_keeps_every_entry(revocable: RevocableCa) -> None:
    serial_numbers = [revocable.issue().serial_number for _ in range(3)]
    for serial_number in serial_numbers:
        revocable.revoke(serial_number)
    revocable.ca.clock.advance(CRL_VALIDITY / 2)
    revocable.crls.refresh_due(revocable.database)
    assert all(revocable.listed(serial_number) for serial_number in serial_numbers)


def test_two_nodes_that_refresh_at_once_publish_once(revocable: RevocableCa) -> None:
    revocable.ca.clock.advance(CRL_VALIDITY)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(revocable.crls.refresh_due, [revocable.database] * 4))
    assert sorted(issuer for published in done for issuer in published) == ["issuing", "root"]


def test_a_clock_set_back_stops_no_revocation(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    before = revocable.crl()
    revocable.ca.clock.advance(hours=-3)
    revocable.revoke(issued.serial_number)
    assert revocable.listed(issued.serial_number) is not None
    assert revocable.crl().last_update_utc == before.last_update_utc


def test_a_crl_never_outlives_its_authority(revocable: RevocableCa) -> None:
    end = revocable.ca.hierarchy.issuing.certificate.not_valid_after_utc
    revocable.ca.clock.set(end - timedelta(days=1))
    revocable.crls.refresh_due(revocable.database)
    assert revocable.crl().next_update_utc == end


def test_only_the_newest_two_are_kept(revocable: RevocableCa) -> None:
    for _ in range(4):
        revocable.revoke(revocable.issue().serial_number)
    with revocable.database.reading() as session:
        kept = select(func.count()).select_from(CrlRecord).where(CrlRecord.issuer == "issuing")
        assert session.scalar(kept) == 2


def test_a_refused_crl_leaves_the_old_one(
    revocable: RevocableCa, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = revocable.crl("root")

    def refuse(*_: object) -> None:
        raise CrlFault("broken")

    monkeypatch.setattr("ca.crl.publication.verify_new_crl", refuse)
    revocable.ca.clock.advance(CRL_VALIDITY / 2)
    with pytest.raises(CrlFault):
        revocable.crls.refresh_due(revocable.database)
    assert revocable.crl("root") == before
    assert _number(revocable, "root") == 1


def test_without_the_root_key_its_crl_waits_for_the_ceremony(revocable: RevocableCa) -> None:
    revocable.ca.hierarchy.root = RootWithoutKey("root", revocable.ca.hierarchy.root.certificate)
    revocable.ca.clock.advance(CRL_VALIDITY / 2)
    assert revocable.crls.refresh_due(revocable.database) == ("issuing",)
    with revocable.database.writing() as session, pytest.raises(RootKeyOffline):
        revocable.crls.publish(session, "root", Actor.system())
