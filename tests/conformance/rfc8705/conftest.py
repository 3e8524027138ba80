"""One house, as for the clauses of OpenID Connect."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.relying_party import LoginHouse, login_house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[LoginHouse]:
    with login_house(tmp_path_factory.mktemp("login"), sqlite_template) as opened:
        yield opened
