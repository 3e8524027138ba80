"""Delta CRLs (RFC 5280 section 5.2.4): read by OpenSSL and GnuTLS, and needed by nobody.

OpenSSL joins base and delta when it is told to. GnuTLS 3.7 takes a delta for one
more CRL. NSS refuses CRLs with this extension, which is critical for that
reason; Java passes them over. Both go by the part that the certificate points
at, or by OCSP, and these say the same at once.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from ca.crl.scopes import DELTA
from ca.crl.shards import DEFAULT_SHARDS
from tests.conformance.other_verifiers.evidence import Evidence
from tests.conformance.other_verifiers.living_ca import living_ca
from tests.conformance.other_verifiers.published import published_about
from tests.conformance.other_verifiers.verifiers import (
    with_gnutls,
    with_java,
    with_nss,
    with_openssl,
)
from tests.support.revocation import RULES, RevocableCa
from tests.support.situations import good, revoked

pytestmark = pytest.mark.conformance

SHARDS = DEFAULT_SHARDS


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RevocableCa]:
    """A CA whose full CRL is so long that a job makes it, and a delta says what is new."""
    rules = replace(RULES, full_in_act=2)
    with living_ca(tmp_path_factory.mktemp("ca"), rules=rules) as revocable:
        for _ in range(3):
            revoked(revocable)
        yield revocable


def test_openssl_joins_base_and_delta(long: RevocableCa, tmp_path: Path) -> None:
    for leaf, verdict in ((revoked(long), "revoked"), (good(long), "good")):
        base = published_about(long, leaf)
        assert with_openssl.by_crls(base, tmp_path) == "good", "the base is older"
        joined = with_openssl.by_crls(
            _with_delta(long, base), tmp_path, "-use_deltas", "-extended_crl"
        )
        assert joined == verdict


def test_gnutls_reads_the_delta_as_one_more(long: RevocableCa, tmp_path: Path) -> None:
    for leaf, verdict in ((revoked(long), "revoked"), (good(long), "good")):
        evidence = _with_delta(long, published_about(long, leaf))
        assert with_gnutls.by_crls(evidence, tmp_path) == verdict


def test_nss_takes_none_rather_than_half_of_one(long: RevocableCa, tmp_path: Path) -> None:
    _with_delta(long, published_about(long, revoked(long))).write(tmp_path)
    assert not with_nss.accepts_crl(tmp_path, "issuing", "2.crl")


def test_the_part_is_as_new_as_the_delta(long: RevocableCa, tmp_path: Path) -> None:
    leaf = revoked(long)
    evidence = published_about(long, leaf, scope=str(leaf.serial_number % SHARDS))
    assert with_java.by_crls(evidence, tmp_path) == "revoked"
    assert with_openssl.by_crls(evidence, tmp_path) == "revoked"


def _with_delta(revocable: RevocableCa, evidence: Evidence) -> Evidence:
    delta = revocable.crl("issuing", DELTA).public_bytes(Encoding.DER)
    return evidence.but(crls=[*evidence.crls, delta])
