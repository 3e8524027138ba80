"""Delta CRLs, when the full one is long, on both databases (RFC 5280 section 5.2.4)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from cryptography import x509
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.testclient import TestClient

from ca.crl import find_crl
from ca.crl.models import CrlEntryRecord
from ca.crl.scopes import DELTA, FULL
from ca.crl.serving import serve_crl
from foundation.audit import Actor
from foundation.database import Database
from foundation.errors import NotFound
from tests.support.certification import Issued
from tests.support.crls import listing, newest_crl, number_of, present_listing
from tests.support.revocation import CRL_VALIDITY, RULES, RevocableCa, make_revocable


@pytest.fixture
def revocable(database: Database, tmp_path: Path) -> RevocableCa:
    """A CA whose full CRL is long from three entries on, and has two."""
    revocable = make_revocable(database, tmp_path, rules=replace(RULES, full_in_act=2))
    for _ in range(2):
        revocable.revoke(revocable.issue().serial_number)
    return revocable


@pytest.fixture
def long(revocable: RevocableCa) -> RevocableCa:
    """The same with three, so that from now on there is a delta CRL."""
    revocable.revoke(revocable.issue().serial_number)
    return revocable


def _delta(revocable: RevocableCa) -> x509.CertificateRevocationList | None:
    with revocable.database.reading() as session:
        return newest_crl(session, "issuing", DELTA)


def _reason(revocable: RevocableCa, issued: Issued) -> x509.ReasonFlags | None:
    delta = _delta(revocable)
    assert delta is not None
    entry = delta.get_revoked_certificate_by_serial_number(issued.certificate.serial_number)
    if entry is None:
        return None
    return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason


def _present(revocable: RevocableCa) -> set[int]:
    with revocable.database.reading() as session:
        return set(present_listing(session, "issuing"))


def test_a_short_list_needs_none(revocable: RevocableCa) -> None:
    assert _delta(revocable) is None
    with pytest.raises(x509.ExtensionNotFound):
        revocable.crl().extensions.get_extension_for_class(x509.FreshestCRL)


def test_a_long_full_crl_says_where_its_delta_is(long: RevocableCa) -> None:
    freshest = long.crl().extensions.get_extension_for_class(x509.FreshestCRL)
    assert not freshest.critical
    (point,) = freshest.value
    (name,) = point.full_name or []
    assert name.value == f"{RULES.pki_url}/crl/issuing-delta.crl"


def test_the_delta_made_with_a_full_one_says_nothing_and_has_its_number(long: RevocableCa) -> None:
    delta = _delta(long)
    assert delta is not None
    assert list(delta) == []
    base = delta.extensions.get_extension_for_class(x509.DeltaCRLIndicator)
    assert base.critical
    assert base.value.crl_number == number_of(delta) == number_of(long.crl())


def test_a_revocation_stands_in_the_shard_and_the_delta_at_once(long: RevocableCa) -> None:
    issued, full = long.issue(), long.crl()
    long.revoke(issued.serial_number)
    assert long.crl() == full, "the long one waits for the job"
    assert _reason(long, issued) is x509.ReasonFlags.key_compromise
    shard = long.shard_of(issued.serial_number)
    assert shard.get_revoked_certificate_by_serial_number(issued.certificate.serial_number)
    assert issued.certificate.serial_number in _present(long)


def test_a_hold_that_the_full_crl_has_is_removed(long: RevocableCa) -> None:
    issued = long.issue()
    long.hold(issued.serial_number)
    with long.database.writing() as session:
        long.crls.publish(session, "issuing", by=Actor.system(), scope=FULL)
    assert _reason(long, issued) is None
    long.release(issued.serial_number)
    assert _reason(long, issued) is x509.ReasonFlags.remove_from_crl
    assert issued.certificate.serial_number not in _present(long)


def test_a_hold_that_only_a_delta_had_is_removed_too(long: RevocableCa) -> None:
    """Somebody may have seen that delta."""
    issued = long.issue()
    long.hold(issued.serial_number)
    long.release(issued.serial_number)
    assert _reason(long, issued) is x509.ReasonFlags.remove_from_crl


def test_removed_and_revoked_again_is_revoked(long: RevocableCa) -> None:
    issued = long.issue()
    long.hold(issued.serial_number)
    long.release(issued.serial_number)
    long.revoke(issued.serial_number, "superseded")
    assert _reason(long, issued) is x509.ReasonFlags.superseded


def test_numbers_of_both_rise_together(long: RevocableCa) -> None:
    numbers = [number_of(long.crl())]
    for _ in range(2):
        long.revoke(long.issue().serial_number)
        delta = _delta(long)
        assert delta is not None
        numbers.append(number_of(delta))
    long.ca.clock.advance(CRL_VALIDITY / 2)
    long.crls.refresh_due(long.database)
    numbers.append(number_of(long.crl()))
    assert numbers == sorted(set(numbers))


def test_the_job_renews_a_full_crl_whose_delta_is_long(long: RevocableCa) -> None:
    for _ in range(2):
        long.revoke(long.issue().serial_number)
    assert long.crls.refresh_due(long.database) == ()
    long.revoke(long.issue().serial_number)
    before = _present(long)
    assert long.crls.refresh_due(long.database) == ("issuing",)
    assert set(listing(long.crl())) == before
    delta = _delta(long)
    assert delta is not None
    assert list(delta) == []


def _ends(revocable: RevocableCa) -> list[datetime]:
    with revocable.database.reading() as session:
        ends = session.scalars(select(CrlEntryRecord.not_after)).all()
    return [end for end in ends if end is not None]


def test_when_the_list_is_short_again_the_delta_goes(long: RevocableCa) -> None:
    long.ca.clock.set(max(_ends(long)))
    for _ in range(2):
        long.ca.clock.advance(CRL_VALIDITY)
        long.crls.refresh_due(long.database)
    assert _present(long) == set()
    assert _delta(long) is None
    with long.database.reading() as session:
        assert find_crl(session, "issuing", DELTA) is None


def test_the_delta_is_served_under_its_name(long: RevocableCa, get: Callable[[], bytes]) -> None:
    long.revoke(long.issue().serial_number)
    assert x509.load_der_x509_crl(get()) == _delta(long)


def test_without_one_there_is_nothing_to_serve(
    revocable: RevocableCa, get: Callable[[], bytes]
) -> None:
    with pytest.raises(NotFound):
        get()


def test_a_delta_that_lost_an_entry_is_refused(
    long: RevocableCa, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The act stands; the job makes a new full one, which shows it."""
    long.revoke(long.issue().serial_number)
    before, issued = _delta(long), long.issue()
    with monkeypatch.context() as broken:
        broken.setattr("ca.crl.making.stream_changes", lambda *_: iter(()))
        assert long.revoke(issued.serial_number).crl_number == 0
    assert _delta(long) == before
    assert long.state_of(issued.serial_number) == "revoked"
    assert "issuing" in long.crls.refresh_due(long.database)
    assert issued.certificate.serial_number in listing(long.crl())


@pytest.fixture
def get(revocable: RevocableCa) -> Iterator[Callable[[], bytes]]:
    """Fetch the delta CRL."""

    def serve(request: Request) -> object:
        return serve_crl(revocable.database, request, "issuing", DELTA)

    with TestClient(Starlette(routes=[Route("/delta", serve)])) as client:
        yield lambda: client.get("/delta").content
