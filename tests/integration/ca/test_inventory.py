"""Finding certificates and showing what is in them, on both databases."""

from datetime import timedelta

import pytest

from ca.errors import CertificateNotFound
from ca.models import ProfileName
from foundation.errors import Invalid
from tests.support.revocation import RevocableCa


def _find(revocable: RevocableCa, **conditions: object) -> list[str]:
    with revocable.database.reading() as session:
        page = revocable.inventory.find(session, limit=100, **conditions)  # type: ignore[arg-type]
    return [item.serial_number for item in page.items]


def test_by_serial_number_subscriber_state_and_profile(revocable: RevocableCa) -> None:
    mine = revocable.issue().serial_number
    lost = revocable.issue().serial_number
    other = revocable.ca.issue(profile="officer", subscriber="li.wei").serial_number
    revocable.revoke(lost)
    assert _find(revocable, serial_number=mine) == [mine]
    assert set(_find(revocable, subscribers=["wh000123"])) == {mine, lost}
    assert _find(revocable, subscribers=["wh000123"], state="good") == [mine]
    assert _find(revocable, state="revoked") == [lost]
    assert _find(revocable, profile="officer") == [other]
    assert set(_find(revocable, subscribers=["wh000123", "li.wei"])) == {mine, lost, other}


def test_nobody_has_nothing(revocable: RevocableCa) -> None:
    revocable.issue()
    assert _find(revocable, subscribers=[]) == []
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
            page = revocable.inventory.find(session, subscribers=["wh000123"], after=after, limit=3)
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
        _find(revocable, after="4142")


def test_what_is_in_a_certificate(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    with revocable.database.reading() as session:
        detail = revocable.inventory.get(session, issued.serial_number)
    assert (detail.key_type, detail.signature_algorithm) == ("ECDSA P-256", "ecdsa-with-SHA256")
    shown = {extension.name: extension for extension in detail.extensions}
    assert shown["basicConstraints"].value == "CA: false"
    assert shown["basicConstraints"].critical
    assert shown["keyUsage"].value == "digital_signature"
    assert shown["extendedKeyUsage"].value == "clientAuth"
    assert shown["cRLDistributionPoints"].value == "http://pki.example.org:8080/crl/issuing.crl"
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
    assert (detail.pem, detail.key_type, detail.extensions) == (None, None, ())
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
