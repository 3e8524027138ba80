"""Secrets of a slip: strong, legible, forgiving to type (ENR-10, DL-08)."""

import math

import pytest

from enrollment.slips.secrets import SlipSecret
from foundation.randomness import SystemRandomness
from policies.credentials import PrintedSecretParameters
from policies.parameters import load_parameters
from tests.support.randomness import FakeRandomness

SLIPS = load_parameters().slips
SECRET = SlipSecret("ABCDEFGH2345", PrintedSecretParameters(groups=3, group_length=4))


def test_the_download_password_has_80_random_bits() -> None:
    secret = SlipSecret(SLIPS.alphabet, SLIPS.download_password)
    drawn = [secret.draw(SystemRandomness()) for _ in range(50)]
    assert len(set(drawn)) == 50
    characters = {len(one.replace("-", "")) for one in drawn}
    assert characters == {SLIPS.download_password.length}
    assert math.log2(len(SLIPS.alphabet)) * SLIPS.download_password.length >= 80


def test_every_character_of_the_alphabet_can_come() -> None:
    seen = set("".join(SECRET.draw(FakeRandomness(str(seed))) for seed in range(50)))
    assert seen == set("ABCDEFGH2345-")


def test_a_secret_is_printed_in_groups() -> None:
    groups = SECRET.draw(FakeRandomness()).split("-")
    assert [len(group) for group in groups] == [4, 4, 4]


@pytest.mark.parametrize(
    "typed",
    [
        "ABCD-EFGH-2345",
        "abcdefgh2345",
        " ABCD EFGH 2345\n",
        "ABCD—EFGH–2345",
        "ＡＢＣＤ－ＥＦＧＨ－２３４５",
        "abcd\u3000efgh\u00a02345",
        "\ufeffABCD\u200bEFGH2345",
    ],
)
def test_typing_is_forgiven(typed: str) -> None:
    assert SECRET.normalise(typed) == "ABCD-EFGH-2345"


@pytest.mark.parametrize(
    "typed", ["", "ABCD-EFGH-234", "ABCD-EFGH-23455", "ABCD-EFGH-234X", "A" * 10_000, "ſ" * 12]
)
def test_what_cannot_be_a_secret_is_none(typed: str) -> None:
    assert SECRET.normalise(typed) is None
