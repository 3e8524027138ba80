"""A CA with a responder."""

from collections.abc import Iterator

import pytest

from foundation.database import Database
from tests.support.revocation import RevocableCa, make_revocable
from tests.support.schema import create_schema


@pytest.fixture(scope="module")
def revocable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RevocableCa]:
    """One CA for all tests of a file: each asks about certificates of its own."""
    folder = tmp_path_factory.mktemp("ca")
    url = f"sqlite:///{folder / 'certgate.db'}"
    create_schema(url)
    database = Database(url)
    yield make_revocable(database, folder)
    database.dispose()
