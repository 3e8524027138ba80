"""Finding certificates and showing what is in them, on both databases."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import text

from ca.errors import CertificateNotFound
from ca.inventory import CertificateFilter
from ca.inventory.conditions import NOTHING_FURTHER
from ca.inventory.inventory import page_statement
from ca.models import ProfileName
from foundation.database import Database
from foundation.errors import Invalid
from tests.support.certification import OPERATOR
from tests.support.revocation import RevocableCa


def _find(revocable: RevocableCa, **conditions: Any) -> list[str]:
    with revocable.database.reading() as session:
        page = revocable.inventory.find(session, CertificateFilter(**conditions), limit=100)
    return [item.serial_number for item in page.items]


def test_by_serial_number_subscriber_state_and_profile(revocable: RevocableCa) -> None:
    mine = revocable.issue().serial_number
    lost = revocable.issue().serial_number
    other = revocable.ca.issue(profile="officer", subscriber="li.wei").serial_number
    revocable.revoke(lost)
    assert _find(revocable, serial_number=mine) == [mine]
    assert set(_find(revocable, subscribers=("wh000123",))) == {mine, lost}
    assert _find(revocable, subscribers=("wh000123",), state="good") == [mine]
    assert _find(revocable, state="revoked") == [lost]
    assert _find(revocable, profile="officer") == [other]
    assert set(_find(revocable, subscribers=("wh000123", "li.wei"))) == {mine, lost, other}


def test_nobody_has_nothing(revocable: RevocableCa) -> None:
    revocable.issue()
    assert _find(revocable, subscribers=()) == []
    assert _find(revocable, serial_number="4142") == []


def test_pages_newest_first_and_nothing_twice(revocable: RevocableCa) -> None:
    made: list[str] = []
    for number in range(7):
        revocable.ca.clock.advance(seconds=number % 2)  # some share a moment
        made.append(revocable.issue().serial_number)
    seen: list[str] = []
    after: str | None = None
    sizes = []
    while True:
        with revocable.database.reading() as session:
            mine = CertificateFilter(subscribers=("wh000123",))
            page = revocable.inventory.find(session, mine, after=after, limit=3)
        seen += [item.serial_number for item in page.items]
        sizes.append(len(page.items))
        after = page.next
        if after is None:
            break
    assert sizes == [3, 3, 1]
    assert sorted(seen) == sorted(made)
    with revocable.database.reading() as session:
        moments = [revocable.inventory.get(session, number).summary.created_at for number in seen]
    assert moments == sorted(moments, reverse=True)


@pytest.mark.parametrize("limit", [-1, 0])
def test_a_page_has_at_least_one_place(revocable: RevocableCa, limit: int) -> None:
    revocable.issue()
    with revocable.database.reading() as session:
        assert len(revocable.inventory.find(session, limit=limit).items) == 1


def test_conditions_nobody_can_meet_are_refused(revocable: RevocableCa) -> None:
    with pytest.raises(Invalid):
        _find(revocable, state="lost")
    with pytest.raises(Invalid):
        _find(revocable, spki_sha256="xyz")
    with pytest.raises(Invalid):
        _find(revocable, serial_prefix="4A")
    with revocable.database.reading() as session, pytest.raises(Invalid):
        revocable.inventory.find(session, after="4142")


def test_what_is_in_a_certificate(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    with revocable.database.reading() as session:
        detail = revocable.inventory.get(session, issued.serial_number)
    assert detail.summary.key_type == "ECDSA P-256"
    assert detail.signature_algorithm == "ecdsa-with-SHA256"
    assert {part.name for part in detail.subject} >= {"commonName", "organizationName"}
    assert detail.issuer
    assert detail.addresses.ocsp == ("http://pki.example.org:8080/ocsp",)
    shown = {extension.name: extension for extension in detail.extensions}
    assert shown["basicConstraints"].value == "CA: false"
    assert shown["basicConstraints"].critical
    assert shown["keyUsage"].value == "digital_signature"
    assert shown["extendedKeyUsage"].value == "clientAuth"
    shard = detail.summary.crl_shard
    address = f"http://pki.example.org:8080/crl/issuing/{shard}.crl"
    assert shown["cRLDistributionPoints"].value == address
    assert detail.addresses.crl == (address,)
    assert "OCSP: http://pki.example.org:8080/ocsp" in shown["authorityInfoAccess"].value
    assert detail.pem is not None
    assert detail.pem.startswith("-----BEGIN CERTIFICATE-----")
    document = detail.as_document()
    assert document["not_after"] == issued.certificate.not_valid_after_utc.strftime(
        "%Y-%m-%dT%H:%M:%SZ"
    )
    assert document["subscriber"] == "wh000123"


@pytest.mark.parametrize(
    ("profile", "name", "text"),
    [
        ("server", "subjectAltName", "portal.example.org, 127.0.0.1"),
        ("ocsp", "OCSPNoCheck", "yes"),
        ("issuing", "basicConstraints", "CA: true, path length 0"),
        ("root", "keyUsage", "key_cert_sign, crl_sign"),
        ("issuing", "nameConstraints", "permitted: 127.0.0.0/8"),
    ],
)
def test_extensions_in_words(
    revocable: RevocableCa, profile: ProfileName, name: str, text: str
) -> None:
    (serial_number,) = _find(revocable, profile=profile)
    with revocable.database.reading() as session:
        detail = revocable.inventory.get(session, serial_number)
    shown = {extension.name: extension.value for extension in detail.extensions}
    assert shown[name].startswith(text)


def test_before_it_is_issued_there_is_nothing_to_decode(revocable: RevocableCa) -> None:
    serial_number, _ = revocable.ca.prepare()
    with revocable.database.reading() as session:
        detail = revocable.inventory.get(session, serial_number)
    assert detail.summary.state == "prepared"
    assert (detail.pem, detail.signature_algorithm, detail.extensions) == (None, None, ())
    with revocable.database.reading() as session, pytest.raises(CertificateNotFound):
        revocable.inventory.get(session, "4142")


def test_a_revoked_one_shows_since_when_and_why(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    revocable.ca.clock.advance(timedelta(minutes=1))
    revocable.revoke(issued.serial_number, "superseded")
    with revocable.database.reading() as session:
        summary = revocable.inventory.get(session, issued.serial_number).summary
    assert (summary.state, summary.reason) == ("revoked", "superseded")
    assert summary.revoked_at == revocable.ca.clock.now()


def test_by_the_key_whatever_certificate_it_is_in(revocable: RevocableCa) -> None:
    """Issue 3, part 9: a key that leaked is looked for by its SHA-256."""
    issued = revocable.issue()
    revocable.issue()
    spki = issued.certificate.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    digest = hashlib.sha256(spki).hexdigest().upper()
    assert _find(revocable, spki_sha256=digest) == [issued.serial_number]
    assert _find(revocable, spki_sha256="0" * 64) == []


def test_by_kind_and_size_of_key(revocable: RevocableCa) -> None:
    usual = revocable.issue().serial_number
    rsa = revocable.ca.issue(algorithm="rsa-3072").serial_number
    edwards = revocable.ca.issue(algorithm="ed25519").serial_number
    assert _find(revocable, key_type="RSA 3072") == [rsa]
    assert _find(revocable, key_type="Ed25519") == [edwards]
    found = _find(revocable, key_type="ECDSA P-256", profile="unit")
    assert found == [usual]


def test_by_the_beginning_of_the_serial_number(revocable: RevocableCa) -> None:
    numbers = sorted(revocable.issue().serial_number for _ in range(3))
    for number in numbers:
        assert _find(revocable, serial_prefix=number[:12]) == [number]
    assert _find(revocable, serial_prefix="FFFFFF") == []


def test_by_expiry_in_the_order_they_expire(revocable: RevocableCa) -> None:
    first = revocable.issue()
    revocable.ca.clock.advance(days=10)
    second = revocable.issue()
    end, later = first.certificate.not_valid_after_utc, second.certificate.not_valid_after_utc
    in_order = [first.serial_number, second.serial_number]
    until = later + timedelta(seconds=1)
    assert _find(revocable, expires_from=end, expires_before=until, profile="unit") == in_order
    assert _find(revocable, expires_from=end, expires_before=later) == in_order[:1]
    assert _find(revocable, expires_before=end, profile="unit") == []


def test_by_the_time_of_issue(revocable: RevocableCa) -> None:
    """A number may wait on a slip for weeks before its certificate is issued."""
    waiting, _ = revocable.ca.prepare()
    revocable.ca.clock.advance(days=20)
    issued_at = revocable.ca.clock.now()
    revocable.ca.issuance.complete(revocable.database, waiting, OPERATOR)
    window = {"issued_from": issued_at, "issued_before": issued_at + timedelta(days=1)}
    assert _find(revocable, profile="unit", **window) == [waiting]
    earlier = {"issued_from": issued_at - timedelta(days=1), "issued_before": issued_at}
    assert _find(revocable, profile="unit", **earlier) == []
    nothing = {"issued_from": issued_at, "issued_before": issued_at}
    with pytest.raises(Invalid):
        _find(revocable, **nothing)


def test_a_walk_reads_everything_once(revocable: RevocableCa, monkeypatch: Any) -> None:
    monkeypatch.setattr("ca.inventory.inventory._BATCH", 2)
    made = {revocable.issue().serial_number for _ in range(5)}
    wanted = CertificateFilter(profile="unit")
    batches = list(revocable.inventory.walk(revocable.database, wanted))
    numbers = [item.serial_number for batch in batches for item in batch]
    assert sorted(numbers) == sorted(made)
    assert [len(batch) for batch in batches] == [2, 2, 1]


@pytest.mark.parametrize(
    ("conditions", "index"),
    [
        ({}, "ix_certificates_created_at"),
        ({"state": "good"}, "ix_certificates_created_at"),
        ({"state": "revoked"}, "ix_certificates_not_good"),
        ({"profile": "unit", "state": "good"}, "ix_certificates_profile"),
        ({"issuer": "issuing"}, "ix_certificates_issuer"),
        ({"key_type": "RSA 3072"}, "ix_certificates_unusual_key"),
        ({"serial_prefix": "4A5B"}, "sqlite_autoindex_certificates_1"),
    ],
)
def test_a_page_walks_an_index_and_sorts_nothing(
    sqlite_template: Path, conditions: dict[str, Any], index: str
) -> None:
    """Flat at a million rows: SQLite plans without statistics, so the plan is the same there."""
    database = Database(f"sqlite:///{sqlite_template}")
    statement = page_statement(CertificateFilter(**conditions), NOTHING_FURTHER, 50)
    sql = statement.compile(database.engine, compile_kwargs={"literal_binds": True})
    with database.reading() as session:
        plan = " ".join(row[-1] for row in session.execute(text(f"EXPLAIN QUERY PLAN {sql}")))
    database.dispose()
    assert f"INDEX {index}" in plan
    assert "TEMP B-TREE" not in plan
