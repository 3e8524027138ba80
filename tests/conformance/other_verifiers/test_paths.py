"""Paths with CRLs: other people's verifiers and we say the same (RFC 5280 sections 5, 6)."""

from pathlib import Path

import pytest

from foundation.errors import Denied
from tests.conformance.other_verifiers.published import published_about
from tests.conformance.other_verifiers.situations import PATHS, Situation
from tests.conformance.other_verifiers.verifiers import BY_CRLS
from tests.support.revocation import RevocableCa

pytestmark = pytest.mark.conformance


@pytest.mark.parametrize("verifier", BY_CRLS)
@pytest.mark.parametrize("situation", PATHS, ids=str)
def test_each_says_what_stands(
    revocable: RevocableCa, situation: Situation, verifier: str, tmp_path: Path
) -> None:
    leaf = situation.make(revocable)
    assert BY_CRLS[verifier](published_about(revocable, leaf), tmp_path) == situation.verdict


@pytest.mark.parametrize("situation", PATHS, ids=str)
def test_the_gateway_says_the_same(revocable: RevocableCa, situation: Situation) -> None:
    leaf = situation.make(revocable)
    if situation.verdict == "good":
        revocable.verify(leaf)
    else:
        with pytest.raises(Denied):
            revocable.verify(leaf)
