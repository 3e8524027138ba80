"""Units from before step 0012 are found all the way, and by their terms afterwards."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from alembic import command
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from enrollment.models import Subscriber, SubscriberTerm, Unit
from enrollment.subscribers.search import (
    Sought,
    TermFilling,
    find_page,
    make_findable,
    writing,
)
from foundation.database import Database
from foundation.database.schema import _config, upgrade_schema
from foundation.errors import Invalid

WHEN = datetime(2027, 1, 4, 9, tzinfo=UTC)
NAMES = ("武汉长江贸易有限公司", "TCL华星光电", "长江 航运（集团）", "江城一百", "汉口长江食品")
ASKED = ("长江", "江", "tcl", "wh00000", "000003", "9142010000", "100", "无")


@pytest.fixture
def before(blank_database_url: str) -> Iterator[Database]:
    """An installation of the step before, with units."""
    database = Database(blank_database_url)
    with database.engine.connect() as connection, connection.begin():
        command.upgrade(_config(connection), "0011")
    with database.writing() as session:
        for number, name in enumerate(NAMES, 1):
            enter_as_an_older_program(session, number, name)
    yield database
    database.dispose()


def enter_as_an_older_program(session: Session, number: int, name: str) -> None:
    subscriber = text(
        "INSERT INTO subscribers (id, username, kind, display_name, standing, created_at) "
        "VALUES (:id, :username, 'unit', :name, 'active', :at)"
    )
    unit = text(
        "INSERT INTO units (subscriber_id, credit_code, district, unit_class, insurance, "
        "contact_name, contact_phone, contact_email, contact_address) "
        "VALUES (:id, :code, 'wuchang', 'ordinary', '[]', '', '', '', '')"
    )
    row = {"id": number, "username": f"wh{number:06}", "name": name, "at": WHEN.isoformat()}
    session.execute(subscriber, row)
    session.execute(unit, {"id": number, "code": f"91420100{number:010}"})


def answers(database: Database) -> dict[str, set[str]]:
    with database.reading() as session:
        return {
            query: set(find_page(session, Sought(query, units_only=True), limit=50).items)
            for query in ASKED
        }


def without_terms(database: Database) -> int:
    with database.reading() as session:
        query = select(func.count()).where(Subscriber.searched_name.is_(None))
        return session.scalar(query) or 0


def test_an_installation_with_units_is_upgraded(
    before: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_BATCH", 2)
    upgrade_schema(before)
    expected = {
        "长江": {"wh000001", "wh000003", "wh000005"},
        "江": {"wh000001", "wh000003", "wh000004", "wh000005"},
        "tcl": {"wh000002"},
        "wh00000": {f"wh{number:06}" for number in range(1, 6)},
        "000003": {"wh000003"},
        "9142010000": {f"wh{number:06}" for number in range(1, 6)},
        "100": set(),
        "无": set(),
    }
    assert without_terms(before) == len(NAMES)
    assert answers(before) == expected

    # Interrupted in the middle, some have terms and some have not.
    filling = TermFilling(before)
    assert filling.fill(batches=1) == 2
    assert without_terms(before) == len(NAMES) - 2
    assert answers(before) == expected

    assert filling.fill() == len(NAMES) - 2
    assert filling.fill() == 0
    assert without_terms(before) == 0
    assert answers(before) == expected


def test_a_page_goes_on_although_everybody_got_terms_meanwhile(before: Database) -> None:
    upgrade_schema(before)
    sought = Sought("江", units_only=True)
    with before.reading() as session:
        page = find_page(session, sought, limit=2)
    assert page.next is not None
    assert page.next.startswith("unwritten-")
    TermFilling(before).fill()
    with before.reading() as session:
        following = find_page(session, sought, after=page.next, limit=2)
    assert (following.items, following.next) == ((), None)
    for stranger in ("all-1", "wh000001", ""):
        with before.reading() as session, pytest.raises(Invalid, match="page-unknown"):
            find_page(session, sought, after=stranger, limit=2)


def test_what_an_older_node_enters_meanwhile_is_found_and_filled_too(before: Database) -> None:
    upgrade_schema(before)
    TermFilling(before).fill()
    with before.writing() as session:
        enter_as_an_older_program(session, 6, "长江轮渡")
    assert "wh000006" in answers(before)["长江"]
    assert TermFilling(before).fill() == 1
    assert "wh000006" in answers(before)["长江"]


def test_a_new_name_replaces_the_old_one(before: Database) -> None:
    upgrade_schema(before)
    TermFilling(before).fill()
    with before.writing() as session:
        subscriber, unit = session.get_one(Subscriber, 1), session.get_one(Unit, 1)
        subscriber.display_name = "武汉黄河贸易有限公司"
        make_findable(session, subscriber, unit.credit_code)
        make_findable(session, subscriber, unit.credit_code)
    with before.reading() as session:
        terms = set(
            session.scalars(select(SubscriberTerm.term).where(SubscriberTerm.subscriber_id == 1))
        )
    assert {"黄河", "武汉", " wh000001"} <= terms
    assert not {"长江", "长"} & terms
    found = answers(before)
    assert "wh000001" not in found["长江"]
    assert "wh000001" in found["wh00000"]


def test_a_term_that_was_left_behind_finds_nothing(before: Database) -> None:
    upgrade_schema(before)
    TermFilling(before).fill()
    with before.writing() as session:
        session.add(SubscriberTerm(term="长江", subscriber_id=2))
        session.add(SubscriberTerm(term="长江", subscriber_id=999))
        session.add(SubscriberTerm(term=" wh0000019", subscriber_id=2))
    assert answers(before)["长江"] == {"wh000001", "wh000003", "wh000005"}
    assert answers(before)["wh00000"] == {f"wh{number:06}" for number in range(1, 6)}
