"""The CRLs the CA publishes (RFC 5280 section 5), by the openssl command and by pkilint."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.models import AuthorityName
from ca.revocation import RevocationRecord
from foundation.database import Database
from tests.support.openssl import openssl, try_openssl
from tests.support.pkilint import findings_on_crl
from tests.support.revocation import CRL_VALIDITY, RevocableCa, make_revocable
from tests.support.schema import create_schema

pytestmark = pytest.mark.conformance

ISSUERS: tuple[AuthorityName, ...] = ("root", "issuing")


@pytest.fixture
def revocable(tmp_path: Path) -> Iterator[RevocableCa]:
    url = f"sqlite:///{tmp_path / 'certgate.db'}"
    create_schema(url)
    database = Database(url)
    yield make_revocable(database, tmp_path)
    database.dispose()


@pytest.fixture
def history(revocable: RevocableCa) -> list[RevocationRecord]:
    """Every kind of entry on the CRL."""
    reasons = ("keyCompromise", "unspecified", "superseded", "certificateHold")
    return [revocable.revoke(revocable.issue().serial_number, reason) for reason in reasons]


@pytest.mark.parametrize("issuer", ISSUERS)
def test_5_1_structure(revocable: RevocableCa, issuer: AuthorityName) -> None:
    crl = revocable.crl(issuer)
    authority = getattr(revocable.ca.hierarchy, issuer)
    # 5.1.2.1: version 2, since there are extensions (the parser knows no other).
    text = openssl(
        "crl", "-inform", "DER", "-noout", "-text", stdin=crl.public_bytes(Encoding.DER)
    ).text
    assert "Version 2 (0x1)" in text
    # 5.1.1.2: the algorithm inside and outside are the same; 5.1.2.3: issuer.
    assert crl.issuer == authority.certificate.subject
    assert crl.is_signature_valid(authority.signer.public_key)
    # 5.1.2.4, 5.1.2.5: nextUpdate MUST be there.
    assert crl.next_update_utc is not None
    assert crl.next_update_utc - crl.last_update_utc == CRL_VALIDITY
    # 5.1.2.6: no empty list of entries; absent instead.
    assert list(crl) == []


@pytest.mark.parametrize("issuer", ISSUERS)
def test_5_2_extensions(revocable: RevocableCa, issuer: AuthorityName) -> None:
    crl = revocable.crl(issuer)
    certificate = getattr(revocable.ca.hierarchy, issuer).certificate
    assert {(extension.oid, extension.critical) for extension in crl.extensions} == {
        (x509.AuthorityKeyIdentifier.oid, False),  # 5.2.1
        (x509.CRLNumber.oid, False),  # 5.2.3
    }
    own = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    named = crl.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert named.key_identifier == own.digest


@pytest.mark.usefixtures("history")
def test_5_2_3_numbers_rise_and_fit_20_octets(revocable: RevocableCa) -> None:
    before = _number(revocable.crl())
    revocable.ca.clock.advance(CRL_VALIDITY / 2)
    revocable.crls.refresh_due(revocable.database)
    assert before < _number(revocable.crl()) < 2**159


def test_5_3_entries(revocable: RevocableCa, history: list[RevocationRecord]) -> None:
    crl = revocable.crl()
    assert {f"{entry.serial_number:X}" for entry in crl} == {
        record.serial_number for record in history
    }
    for entry in crl:
        assert not any(extension.critical for extension in entry.extensions)
    text = openssl(
        "crl", "-inform", "DER", "-noout", "-text", stdin=crl.public_bytes(Encoding.DER)
    ).text
    assert text.count("Serial Number:") == len(history)
    for words in ("Key Compromise", "Superseded", "Certificate Hold"):
        assert text.count(words) == 1
    # 5.3.1: the reason "unspecified" is left out.
    assert "Unspecified" not in text
    # removeFromCRL may only appear in delta CRLs.
    assert "Remove From CRL" not in text


def test_3_3_an_entry_outlives_its_certificate_by_one_crl(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    revocable.revoke(issued.serial_number)
    expiry = issued.certificate.not_valid_after_utc

    revocable.ca.clock.set(expiry - timedelta(days=1))
    revocable.crls.refresh_due(revocable.database)
    revocable.ca.clock.set(expiry + CRL_VALIDITY)
    revocable.crls.refresh_due(revocable.database)
    assert revocable.listed(issued.serial_number) is not None, "on one CRL after its expiry"

    revocable.ca.clock.advance(CRL_VALIDITY)
    revocable.crls.refresh_due(revocable.database)
    assert revocable.listed(issued.serial_number) is None


@pytest.mark.parametrize("issuer", ISSUERS)
@pytest.mark.usefixtures("history")
def test_openssl_verifies_the_signature(
    revocable: RevocableCa, issuer: AuthorityName, tmp_path: Path
) -> None:
    _write(tmp_path / "crl.der", revocable.crl(issuer).public_bytes(Encoding.DER))
    for name in ISSUERS:
        certificate = getattr(revocable.ca.hierarchy, name).certificate
        _write(tmp_path / f"{name}.pem", certificate.public_bytes(Encoding.PEM))
        answer = try_openssl(
            "crl", "-inform", "DER", "-in", "crl.der", "-noout", "-verify",
            "-CAfile", f"{name}.pem", folder=tmp_path,
        )  # fmt: skip
        assert ("verify OK" in answer.errors) == (name == issuer)


@pytest.mark.parametrize("issuer", ISSUERS)
@pytest.mark.usefixtures("history")
def test_pkilint_finds_nothing(revocable: RevocableCa, issuer: AuthorityName) -> None:
    assert findings_on_crl(revocable.crl(issuer).public_bytes(Encoding.DER)) == []


def _number(crl: x509.CertificateRevocationList) -> int:
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
