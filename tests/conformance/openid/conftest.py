"""One house for the clauses of the protocol: they are about answers, not about storage."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.relying_party import LoginHouse, Party, login_house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[LoginHouse]:
    with login_house(tmp_path_factory.mktemp("login"), sqlite_template) as opened:
        yield opened


@pytest.fixture(scope="module")
def party(house: LoginHouse) -> Party:
    return house.party(
        "statements",
        name="对账单",
        post_logout_redirect_uris=["https://app.example/bye"],
        logout_url="https://app.example/logout",
    )


@pytest.fixture(scope="module")
def other(house: LoginHouse) -> Party:
    return house.party("archive")
