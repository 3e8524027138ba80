"""After a rollover both generations verify, each below its own issuing CA (RFC 5280 section 6)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509

from tests.conformance.other_verifiers.living_ca import living_ca
from tests.conformance.other_verifiers.published import answer_about, published_about
from tests.conformance.other_verifiers.verifiers import BY_ASKING, BY_CRLS, BY_RESPONSE
from tests.support.certification import OPERATOR, SERVER_NAMES
from tests.support.revocation import RevocableCa

pytestmark = pytest.mark.conformance


@dataclass(frozen=True)
class TwoGenerations:
    """A CA that has rolled over, and certificates by name: of before and after, good and not."""

    revocable: RevocableCa
    certificates: dict[str, x509.Certificate]


@pytest.fixture(scope="module")
def generations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoGenerations]:
    with living_ca(tmp_path_factory.mktemp("ca")) as revocable:
        certificates = {}
        for name in ("old", "new"):
            if name == "new":
                revocable.ca.store.rollover().roll_over(OPERATOR)
                revocable.ca.store.take_over(revocable.ca.hierarchy, SERVER_NAMES, OPERATOR)
                revocable.crls.refresh_due(revocable.database)
            certificates[f"{name}, good"] = revocable.issue().certificate
            certificates[f"{name}, revoked"] = revocable.issue().certificate
        for name in ("old", "new"):
            revocable.revoke(f"{certificates[f'{name}, revoked'].serial_number:X}")
        yield TwoGenerations(revocable, certificates)


each_certificate = pytest.mark.parametrize(
    "which", ["old, good", "old, revoked", "new, good", "new, revoked"]
)


@each_certificate
@pytest.mark.parametrize("verifier", BY_CRLS)
def test_by_crls(generations: TwoGenerations, which: str, verifier: str, tmp_path: Path) -> None:
    evidence = published_about(generations.revocable, generations.certificates[which])
    assert BY_CRLS[verifier](evidence, tmp_path) == which.split(", ")[1]


@each_certificate
@pytest.mark.parametrize("verifier", BY_RESPONSE)
def test_by_ocsp(generations: TwoGenerations, which: str, verifier: str, tmp_path: Path) -> None:
    leaf = generations.certificates[which]
    answer = answer_about(generations.revocable, leaf)
    evidence = published_about(generations.revocable, leaf).but(ocsp_response=answer)
    assert BY_RESPONSE[verifier](evidence, tmp_path) == which.split(", ")[1]


@each_certificate
@pytest.mark.parametrize("verifier", BY_ASKING)
def test_by_asking(generations: TwoGenerations, which: str, verifier: str, tmp_path: Path) -> None:
    evidence = published_about(generations.revocable, generations.certificates[which])
    assert BY_ASKING[verifier](evidence.but(crls=[]), tmp_path) == which.split(", ")[1]


@pytest.mark.parametrize("verifier", BY_CRLS)
def test_one_generation_does_not_stand_below_the_other(
    generations: TwoGenerations, verifier: str, tmp_path: Path
) -> None:
    evidence = published_about(generations.revocable, generations.certificates["old, good"])
    other = published_about(generations.revocable, generations.certificates["new, good"])
    mixed = evidence.but(issuing=other.issuing, crls=other.crls)
    assert BY_CRLS[verifier](mixed, tmp_path) == "unknown issuer"
