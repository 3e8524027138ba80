"""A CA whose certificates are checked against RFC 5280."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.database import Database
from tests.support.certification import Certification, make_certification
from tests.support.schema import create_schema


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Certification]:
    """One CA for all tests of a file: they only issue and look."""
    folder: Path = tmp_path_factory.mktemp("ca")
    url = f"sqlite:///{folder / 'certgate.db'}"
    create_schema(url)
    database = Database(url)
    yield make_certification(database, folder)
    database.dispose()
