"""Every kept input, and changed copies of them, are read or refused as they should be."""

import pytest

from tests.fuzzing.corpus import corpus_of
from tests.fuzzing.mutation import changed_copies
from tests.fuzzing.target import load_target, target_names
from tests.support.randomness import FakeRandomness

_COPIES = 150

# The library warns of serial numbers that it will refuse one day, and we do now.
pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
each_target = pytest.mark.parametrize("name", target_names())


@each_target
def test_the_kept_inputs(name: str) -> None:
    target, inputs = load_target(name), corpus_of(name)
    assert inputs, "python -m tests.fuzzing writes a corpus"
    for file, content in inputs.items():
        try:
            target.examine(content)
        except Exception as found:
            raise AssertionError(f"{name}/{file}: {content[:80]!r}") from found


@each_target
def test_changed_copies(name: str) -> None:
    target, inputs = load_target(name), list(corpus_of(name).values())
    for content in changed_copies(inputs, target.words, _COPIES, FakeRandomness(name)):
        try:
            target.examine(content[: target.longest])
        except Exception as found:
            raise AssertionError(f"{name}: {content!r}") from found
