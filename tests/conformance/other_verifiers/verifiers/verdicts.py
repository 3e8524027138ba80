"""Reading a verdict out of what a program says."""

from collections.abc import Mapping

from tests.conformance.other_verifiers.evidence import Verdict


class NoVerdict(AssertionError):
    """The program said something that no test expects."""


def verdict_in(said: str, words: Mapping[str, Verdict]) -> Verdict:
    """Return the verdict of the first of `words` that was said; raise `NoVerdict` without."""
    for word, verdict in words.items():
        if word in said:
            return verdict
    raise NoVerdict(said)
