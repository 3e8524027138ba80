"""CRLs in parts (RFC 5280 section 5.2.5): read by those who know them, refused by who does not.

OpenSSL and Java hold the part against the distribution point of the certificate.
GnuTLS 3.7 does not look at the extension: it reads its certificate's own part
rightly and takes another's for its own, so it is to be given the full CRL. NSS
takes no CRL with this extension, which is critical for that reason (section
5.2.5); it too reads the full one.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ca.crl.shards import DEFAULT_SHARDS
from tests.conformance.other_verifiers.living_ca import living_ca
from tests.conformance.other_verifiers.published import published_about
from tests.conformance.other_verifiers.situations import STANDINGS, Situation
from tests.conformance.other_verifiers.verifiers import (
    Verifier,
    with_gnutls,
    with_java,
    with_nss,
    with_openssl,
)
from tests.support.revocation import RevocableCa
from tests.support.situations import revoked

pytestmark = pytest.mark.conformance

READERS: dict[str, Verifier] = {
    "openssl": with_openssl.by_crls,
    "java": with_java.by_crls,
    "gnutls": with_gnutls.by_crls,
}
STRICT = ["openssl", "java"]
SHARDS = DEFAULT_SHARDS


@pytest.fixture(scope="module")
def unanswering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RevocableCa]:
    """Java would fetch the right part, and this is about having another one."""
    with living_ca(tmp_path_factory.mktemp("ca"), answers=False) as revocable:
        yield revocable


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("situation", STANDINGS, ids=str)
def test_the_part_that_a_certificate_points_at(
    revocable: RevocableCa, situation: Situation, reader: str, tmp_path: Path
) -> None:
    leaf = situation.make(revocable)
    evidence = published_about(revocable, leaf, scope=_shard(leaf.serial_number))
    assert READERS[reader](evidence, tmp_path) == situation.verdict


@pytest.mark.parametrize("reader", STRICT)
def test_another_part_does_not_say_good(
    unanswering: RevocableCa, reader: str, tmp_path: Path
) -> None:
    """Section 6.3.3 (b)(2)(i): an attacker must not pass off a part without the entry."""
    leaf = revoked(unanswering)
    evidence = published_about(unanswering, leaf, scope=_shard(leaf.serial_number + 1))
    assert READERS[reader](evidence, tmp_path) == "standing unknown"


def test_nss_takes_none_rather_than_half_of_one(revocable: RevocableCa, tmp_path: Path) -> None:
    leaf = revoked(revocable)
    published_about(revocable, leaf, scope=_shard(leaf.serial_number)).write(tmp_path)
    assert not with_nss.accepts_crl(tmp_path, "issuing", "1.crl")


def _shard(serial_number: int) -> str:
    return str(serial_number % SHARDS)
