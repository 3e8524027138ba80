"""What the linter lets pass is good for one signature by one key, and nobody else makes it."""

import pytest

from ca.keys import generate_key
from ca.linting.lint import LintedTbs
from tests.support.certification import make_profiles
from tests.support.draft_changes import ISSUING
from tests.support.drafts import (
    SERIAL_NUMBER,
    draft_end_entity,
)


def test_a_token_is_good_for_one_signature() -> None:
    linted = draft_end_entity().lint()
    linted.take_for(ISSUING.signer.public_key)
    with pytest.raises(ValueError, match="signed already"):
        linted.take_for(ISSUING.signer.public_key)


def test_a_token_is_good_for_one_issuer() -> None:
    linted = draft_end_entity().lint()
    with pytest.raises(ValueError, match="another issuer"):
        linted.take_for(generate_key("ecdsa-p256").public_key())


def test_nobody_but_the_linter_makes_a_token() -> None:
    with pytest.raises(TypeError):
        LintedTbs(
            b"anything",
            ISSUING.signer.public_key,
            serial_number=SERIAL_NUMBER,
            profile=make_profiles().get("unit"),
            seal=object(),
        )
