"""ML-DSA-65 above a subscriber (RFC 9881, experimental): who does not know it refuses.

OpenSSL before 3.5, GnuTLS before 3.8.9, NSS before 3.103 and Java before 24 have
no ML-DSA, and Debian 12 has none of those. What they must not do is let a
signature pass that they cannot verify. The gateway's own verifier knows it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conformance.other_verifiers.evidence import Verdict
from tests.conformance.other_verifiers.living_ca import living_ca
from tests.conformance.other_verifiers.published import answer_about, published_about
from tests.conformance.other_verifiers.verifiers import BY_CRLS, BY_RESPONSE
from tests.conformance.other_verifiers.verifiers.verdicts import NoVerdict
from tests.support.programs import ProgramFailed
from tests.support.revocation import RevocableCa
from tests.support.situations import good

pytestmark = pytest.mark.conformance


@pytest.fixture(scope="module")
def revocable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RevocableCa]:
    with living_ca(tmp_path_factory.mktemp("ca"), algorithm="ml-dsa-65") as revocable:
        yield revocable


def test_the_gateway_knows_it(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    assert revocable.verify(issued.certificate).serial_number == issued.serial_number


@pytest.mark.parametrize("verifier", BY_CRLS)
def test_nobody_trusts_a_path_that_he_cannot_verify(
    revocable: RevocableCa, verifier: str, tmp_path: Path
) -> None:
    evidence = published_about(revocable, good(revocable))
    assert _said(lambda: BY_CRLS[verifier](evidence, tmp_path)) != "good"


@pytest.mark.parametrize("verifier", BY_RESPONSE)
def test_nobody_believes_an_answer_that_he_cannot_verify(
    revocable: RevocableCa, verifier: str, tmp_path: Path
) -> None:
    leaf = good(revocable)
    answer = answer_about(revocable, leaf)
    evidence = published_about(revocable, leaf).but(ocsp_response=answer)
    assert _said(lambda: BY_RESPONSE[verifier](evidence, tmp_path)) != "good"


def _said(verify: Callable[[], Verdict]) -> str:
    try:
        return verify()
    except (NoVerdict, ProgramFailed) as refused:
        return f"refused: {refused}"
