"""Shards and delta CRLs by section of RFC 5280, and what the openssl command makes of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.crl.scopes import DELTA, FULL, Scope
from foundation.database import Database
from tests.support.certification import Issued
from tests.support.crls import listing, number_of
from tests.support.openssl import openssl, try_openssl
from tests.support.pkilint import findings_on_crl
from tests.support.revocation import CRL_VALIDITY, RULES, RevocableCa, make_revocable
from tests.support.schema import create_schema

pytestmark = pytest.mark.conformance

# Of openssl verify, X509_V_ERR_*.
REVOKED, NO_CRL, OTHER_SCOPE = "error 23 ", "error 3 ", "error 44 "


@pytest.fixture
def revocable(tmp_path: Path) -> Iterator[RevocableCa]:
    """A CA that publishes deltas from the second entry on."""
    url = f"sqlite:///{tmp_path / 'certgate.db'}"
    create_schema(url)
    database = Database(url)
    yield make_revocable(database, tmp_path, rules=replace(RULES, full_in_act=1))
    database.dispose()


@pytest.fixture
def delta(revocable: RevocableCa) -> x509.CertificateRevocationList:
    """The delta CRL after two entries in the full one and one since."""
    for _ in range(3):
        revocable.revoke(revocable.issue().serial_number)
    return revocable.crl("issuing", DELTA)


def _text(crl: x509.CertificateRevocationList) -> str:
    der = crl.public_bytes(Encoding.DER)
    return openssl("crl", "-inform", "DER", "-noout", "-text", stdin=der).text


def _extensions(crl: x509.CertificateRevocationList) -> dict[x509.ObjectIdentifier, bool]:
    return {extension.oid: extension.critical for extension in crl.extensions}


def _verify(
    revocable: RevocableCa,
    folder: Path,
    leaf: x509.Certificate,
    crls: Sequence[tuple[str, Scope]],
    *options: str,
) -> str:
    """Return what `openssl verify` says of a leaf with these CRLs, at the CA's time."""
    hierarchy = revocable.ca.hierarchy
    (folder / "root.pem").write_bytes(hierarchy.root.certificate.public_bytes(Encoding.PEM))
    (folder / "issuing.pem").write_bytes(hierarchy.issuing.certificate.public_bytes(Encoding.PEM))
    (folder / "leaf.pem").write_bytes(leaf.public_bytes(Encoding.PEM))
    pem = b"".join(revocable.crl(*crl).public_bytes(Encoding.PEM) for crl in crls)
    (folder / "crls.pem").write_bytes(pem)
    moment = str(int(revocable.ca.clock.now().timestamp()) + 1)
    answer = try_openssl(
        "verify", "-CAfile", "root.pem", "-untrusted", "issuing.pem", "-CRLfile", "crls.pem",
        "-crl_check_all", "-x509_strict", "-attime", moment, *options, "leaf.pem", folder=folder,
    )  # fmt: skip
    return answer.text + answer.errors


def _shard(issued: Issued) -> tuple[str, Scope]:
    return "issuing", str(int(issued.serial_number, 16) % RULES.shards)


def test_5_1_2_3_and_5_1_2_2_issuer_and_algorithm_are_the_certificates(
    revocable: RevocableCa, delta: x509.CertificateRevocationList
) -> None:
    issuing = revocable.ca.hierarchy.issuing
    for crl in (delta, revocable.crl("issuing", "0"), revocable.crl()):
        # Compared as octets: a name must be encoded as in the certificate.
        assert crl.issuer.public_bytes() == issuing.certificate.subject.public_bytes()
        assert crl.is_signature_valid(issuing.signer.public_key)
        assert "Version 2 (0x1)" in _text(crl)
        assert _text(crl).count("Signature Algorithm: ecdsa-with-SHA256") == 2


def test_5_1_2_5_every_scope_says_when_the_next_one_comes(
    revocable: RevocableCa, delta: x509.CertificateRevocationList
) -> None:
    for crl in (delta, revocable.crl("issuing", "9"), revocable.crl()):
        assert crl.next_update_utc == crl.last_update_utc + CRL_VALIDITY


def test_5_1_2_6_an_empty_list_is_absent(revocable: RevocableCa) -> None:
    assert "No Revoked Certificates." in _text(revocable.crl("issuing", "9"))


def test_5_2_3_each_scope_has_numbers_that_rise(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    numbers = [number_of(revocable.shard_of(issued.serial_number))]
    for act in (revocable.hold, revocable.release, revocable.revoke):
        act(issued.serial_number)
        numbers.append(number_of(revocable.shard_of(issued.serial_number)))
    assert numbers == sorted(set(numbers))
    assert max(numbers) < 2**159


def test_5_2_4_a_delta_names_its_base_and_shares_its_numbers(
    revocable: RevocableCa, delta: x509.CertificateRevocationList
) -> None:
    full = revocable.crl()
    assert _extensions(delta) == {
        x509.AuthorityKeyIdentifier.oid: False,
        x509.CRLNumber.oid: False,
        x509.DeltaCRLIndicator.oid: True,
    }
    indicator = delta.extensions.get_extension_for_class(x509.DeltaCRLIndicator).value
    assert indicator.crl_number == number_of(full) < number_of(delta)
    assert "X509v3 Delta CRL Indicator: critical" in _text(delta)
    # Nothing that the base has already.
    assert not set(listing(delta)) & set(listing(full))


def test_5_2_5_a_shard_has_the_address_of_its_certificates(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    crl = revocable.shard_of(issued.serial_number)
    assert _extensions(crl) == {
        x509.AuthorityKeyIdentifier.oid: False,
        x509.CRLNumber.oid: False,
        x509.IssuingDistributionPoint.oid: True,
    }
    own = crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    points = issued.certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints)
    assert own.full_name == points.value[0].full_name
    # All certificates of the shard, for all reasons, from this issuer.
    assert not own.only_contains_user_certs
    assert not own.only_contains_ca_certs
    assert not own.only_contains_attribute_certs
    assert not own.indirect_crl
    assert own.only_some_reasons is None


def test_5_2_6_freshest_crl_stands_in_the_full_one_only(
    revocable: RevocableCa, delta: x509.CertificateRevocationList
) -> None:
    assert _extensions(revocable.crl())[x509.FreshestCRL.oid] is False
    for other in (delta, revocable.crl("issuing", "0"), revocable.crl("root")):
        assert x509.FreshestCRL.oid not in _extensions(other)


def test_5_3_1_remove_from_crl_occurs_in_deltas_only(
    revocable: RevocableCa, delta: x509.CertificateRevocationList
) -> None:
    issued = revocable.issue()
    revocable.hold(issued.serial_number)
    revocable.release(issued.serial_number)
    assert "Remove From CRL" in _text(revocable.crl("issuing", DELTA))
    for crl in (revocable.crl(), revocable.shard_of(issued.serial_number)):
        assert "Remove From CRL" not in _text(crl)


@pytest.mark.parametrize("scope", [FULL, DELTA, "0"])
@pytest.mark.usefixtures("delta")
def test_pkilint_finds_nothing(revocable: RevocableCa, scope: Scope) -> None:
    assert findings_on_crl(revocable.crl("issuing", scope).public_bytes(Encoding.DER)) == []


def test_6_3_3_openssl_takes_the_shard_a_certificate_points_at(
    revocable: RevocableCa, tmp_path: Path
) -> None:
    good, lost = revocable.issue(), revocable.issue()
    revocable.revoke(lost.serial_number)
    root = ("root", FULL)
    assert "leaf.pem: OK" in _verify(revocable, tmp_path, good.certificate, [root, _shard(good)])
    assert REVOKED in _verify(revocable, tmp_path, lost.certificate, [root, _shard(lost)])
    # Another shard does not speak for it (6.3.3 b 2): nobody can hide a
    # revocation by showing a CRL that is as good but not about it.
    other = next(str(n) for n in range(3) if str(n) != _shard(lost)[1])
    said = _verify(revocable, tmp_path, lost.certificate, [root, ("issuing", other)])
    assert OTHER_SCOPE in said or NO_CRL in said
    # The full CRL has no scope of its own and speaks for all.
    assert REVOKED in _verify(revocable, tmp_path, lost.certificate, [root, ("issuing", FULL)])


def test_6_3_3_openssl_applies_deltas(revocable: RevocableCa, tmp_path: Path) -> None:
    for _ in range(2):
        revocable.revoke(revocable.issue().serial_number)
    lost, kept = revocable.issue(), revocable.issue()
    revocable.revoke(lost.serial_number)
    full = [("root", FULL), ("issuing", FULL)]
    whole = [*full, ("issuing", DELTA)]
    deltas = ("-use_deltas", "-extended_crl")
    assert "leaf.pem: OK" in _verify(revocable, tmp_path, lost.certificate, full)
    assert REVOKED in _verify(revocable, tmp_path, lost.certificate, whole, *deltas)
    assert "leaf.pem: OK" in _verify(revocable, tmp_path, kept.certificate, whole, *deltas)
