"""Several conditions that each have an index: the list that reaches furthest is walked (part 9)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ca.inventory import CertificateFilter, Inventory
from ca.inventory.conditions import NOTHING_FURTHER
from ca.inventory.shortest_list import looked_up_and_asked
from ca.models import CertificateRecord
from foundation.database import Database

_BEGIN = datetime(2027, 1, 4, tzinfo=UTC)
_OLD, _NEW = "issuing", "issuing-2"
_MOST = 40


@pytest.fixture
def filled(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Forty certificates of an authority and then of its successor, every fourth revoked.

    Of each authority's two belong to officers, the older one revoked.
    """
    monkeypatch.setattr("ca.inventory.shortest_list._LOOKED_AHEAD", 4)
    with database.writing() as session:
        session.add_all(_rows())
    return database


def _rows() -> Iterator[CertificateRecord]:
    for number in range(2 * _MOST):
        at = _BEGIN + timedelta(minutes=number)
        yield CertificateRecord(
            serial_number=f"{number + 0x4000:04X}",
            issuer=_OLD if number < _MOST else _NEW,
            profile="officer" if number % _MOST in (8, 21) else "unit",
            state="revoked" if number % 4 == 0 else "good",
            der=b"-",
            key_type="ECDSA P-256",
            created_at=at,
            issued_at=at,
            not_after=at + timedelta(days=730),
        )


def _asked(database: Database, wanted: dict[str, Any]) -> set[str]:
    """Return the columns that are asked of each row."""
    with database.reading() as session:
        found = looked_up_and_asked(session, CertificateFilter(**wanted), NOTHING_FURTHER, None)
    written = " ".join(map(str, found.asked))
    return {name for name in wanted if f"certificates.{name} " in written}


@pytest.mark.parametrize(
    ("wanted", "asked"),
    [
        ({"profile": "officer", "state": "revoked"}, {"state"}),
        ({"profile": "unit", "state": "on_hold"}, {"profile"}),
        ({"profile": "unit", "issuer": _OLD}, {"profile"}),
        ({"issuer": _OLD, "state": "revoked"}, {"state"}),
        ({"issuer": _OLD, "profile": "officer", "state": "revoked"}, {"state", "issuer"}),
        # No list, or only one: a page is one statement.
        ({}, set()),
        ({"state": "revoked"}, set()),
        ({"profile": "officer", "state": "good"}, set()),
        ({"profile": "officer", "key_type": "ECDSA P-256"}, set()),
        ({"profile": "officer", "state": "revoked", "serial_number": "4008"}, set()),
        ({"profile": "officer", "state": "revoked", "serial_prefix": "4008"}, set()),
    ],
)
def test_what_reaches_furthest_is_looked_up(
    filled: Database, wanted: dict[str, Any], asked: set[str]
) -> None:
    assert _asked(filled, wanted) == asked


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"profile": "officer", "state": "revoked"}, [8, 48]),
        ({"profile": "officer", "state": "revoked", "issuer": _NEW}, [48]),
        ({"issuer": _OLD, "state": "revoked"}, list(range(0, 40, 4))),
        ({"issuer": _OLD, "profile": "officer"}, [8, 21]),
        ({"profile": "unit", "state": "on_hold"}, []),
    ],
)
def test_all_that_fit_are_found_once_newest_first(
    filled: Database,
    wanted: dict[str, Any],
    expected: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However little is looked at for one page."""
    for name, size in (("_FIRST", 2), ("_LONGEST", 2), ("_FURTHEST", 6)):
        monkeypatch.setattr(f"foundation.database.picking.{name}", size)
    found: list[int] = []
    after: str | None = None
    while True:
        with filled.reading() as session:
            page = Inventory().find(session, CertificateFilter(**wanted), after=after, limit=3)
        found += [int(item.serial_number, 16) - 0x4000 for item in page.items]
        if page.next is None:
            break
        after = page.next
    assert found == expected[::-1]
