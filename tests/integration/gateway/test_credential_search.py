"""Credentials are found by whose they are, few or many (issue 3, part 9)."""

from dataclasses import replace
from pathlib import Path

import pytest

from ca.inventory.inventory import Inventory
from foundation.database import Database, picking
from gateway.credentials import owners
from gateway.credentials.search import CredentialSearch, Found, Wanted
from tests.support.enrolling import (
    ANOTHER_CREDIT_CODE,
    APPLICATION,
    CREDIT_CODE,
    OFFICER,
    Counter,
    open_counter,
)

SEARCH = CredentialSearch(Inventory())


@pytest.fixture
def counter(database: Database, tmp_path: Path) -> Counter:
    """Two units of two districts and two officers, each with a certificate."""
    counter = open_counter(database, tmp_path)
    hankou = replace(
        APPLICATION, name="汉口长江航运", credit_code=ANOTHER_CREDIT_CODE, district="jianghan"
    )
    counter.register()
    with counter.database.writing() as session:
        counter.services.units.register(session, hankou, OFFICER)
    counter.appoint("zhang.wei")
    counter.appoint("li.jing")
    return counter


def every_page(counter: Counter, wanted: Wanted) -> tuple[set[str | None], Found]:
    """Return whose the certificates on all pages are, and the last page."""
    numbers: list[str] = []
    found: set[str | None] = set()
    after = None
    while True:
        with counter.database.reading() as session:
            page = SEARCH.find(session, wanted, after, limit=1)
        numbers += [item.certificate.serial_number for item in page.items]
        found |= {item.certificate.subscriber for item in page.items}
        after = page.next
        if after is None:
            assert len(numbers) == len(set(numbers))
            return found, page


@pytest.mark.parametrize("most", [1, 2_000], ids=["many", "few"])
def test_by_a_part_of_a_name_or_the_beginning_of_a_code(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Whether the owners are looked up or each certificate is asked, it finds the same."""
    monkeypatch.setattr(owners, "_FEW", most)
    monkeypatch.setattr(picking, "_FURTHEST", 3)
    monkeypatch.setattr(picking, "_FIRST", 2)
    for wanted, expected in (
        (Wanted("长江"), {"wh000001", "wh000002"}),
        (Wanted("长江", district="wuchang"), {"wh000001"}),
        (Wanted("长江", unit_class="vip"), set()),
        (Wanted("长江", district="jianghan", unit_class="ordinary"), {"wh000002"}),
        (Wanted("张"), {"zhang.wei", "li.jing"}),
        (Wanted("ZHANG."), {"zhang.wei"}),
        (Wanted("张", district="wuchang"), set()),
        (Wanted(CREDIT_CODE[:17]), {"wh000001"}),
        (Wanted(CREDIT_CODE[8:].lower()), {"wh000001"}),
        (Wanted("WH00000"), {"wh000001", "wh000002"}),
        (Wanted("_"), set()),
        (Wanted("\u200b"), set()),
    ):
        found, page = every_page(counter, wanted)
        assert found == expected, wanted
        assert page.way == "subscriber"


def test_a_number_is_a_number_before_it_is_a_name(counter: Counter) -> None:
    with counter.database.reading() as session:
        (item, *_) = SEARCH.find(session, Wanted("li.jing")).items
    number = item.certificate.serial_number
    for text, way in ((number, "serial"), (number[:12].lower(), "serial_prefix")):
        found, page = every_page(counter, Wanted(text))
        assert (found, page.way) == ({"li.jing"}, way)
    _, page = every_page(counter, Wanted())
    assert page.way == "all"


def test_an_export_is_complete(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owners, "_FEW", 1)
    monkeypatch.setattr(picking, "_FURTHEST", 2)
    monkeypatch.setattr(picking, "_FIRST", 1)
    batches = SEARCH.walk(counter.database, Wanted("长江"))
    whose = [item.certificate.subscriber for batch in batches for item in batch]
    assert sorted(map(str, whose)) == ["wh000001", "wh000002"]
