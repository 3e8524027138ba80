"""A CA that lives at the machine's own time, which other people's verifiers look at."""

from collections.abc import Iterator

import pytest

from tests.conformance.other_verifiers.living_ca import living_ca
from tests.support.revocation import RevocableCa


@pytest.fixture(scope="module")
def revocable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RevocableCa]:
    """One CA for all tests of a file."""
    with living_ca(tmp_path_factory.mktemp("ca")) as revocable:
        yield revocable
