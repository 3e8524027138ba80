"""The load of these tests, and what is held against the database after each of them."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count

import pytest

from foundation.clock import SystemClock
from tests.support.guest import arrive
from tests.support.installation import Installation
from tests.support.steady_load import APPLICATION, PORTAL, Slip, SteadyLoad
from tests.support.workflow import enrolment_data, id_number

UNITS = 16
BORN = date(1998, 8, 8)
_orders = count()


@pytest.fixture(scope="module")
def load(installation: Installation) -> SteadyLoad:
    first, second = installation.doors()
    officer = installation.json("officer", "add", "sun.li", "--role", "security_officer")
    slips: list[Slip] = [installation.register_unit() for _ in range(UNITS)]
    return SteadyLoad(
        (first, second),
        arrive(first, installation.register_unit()),
        arrive(second, officer),
        slips,
        lambda: {"module": "enrolment", "data": enrolment()},
    )


@pytest.fixture(autouse=True)
def nothing_is_lost(installation: Installation, load: SteadyLoad) -> Iterator[None]:
    """Hold the notes against the database after each fault."""
    yield
    both_serve(load)
    load.intrude()
    notes = load.notes
    known = dict(installation.rows("SELECT serial_number, state FROM certificates"))
    filings = {str(row[0]) for row in installation.rows("SELECT id FROM tasks")}
    assert notes.picked_up.keys() <= known.keys()
    assert {known[one] for one in notes.revoked} <= {"revoked"}
    assert set(notes.filed) <= filings
    assert notes.intrusions == []
    assert notes.twice == []
    assert notes.unclear == []
    assert not {name for name in notes.broken if "Timeout" in name}, notes.broken


def both_serve(load: SteadyLoad) -> None:
    for place in load.places:
        for path in (APPLICATION, PORTAL):
            load.wait_for(lambda at=place, asked=path: load.status(at, asked)[0] == 200)  # type: ignore[misc]


def enrolment() -> dict[str, object]:
    """Somebody else each time; a woman's number is even."""
    days, order = divmod(next(_orders), 499)
    born = BORN + timedelta(days=days)
    return enrolment_data(
        id_number(f"{born:%Y%m%d}", f"{2 * order + 2:03}"),
        employment_date=f"{SystemClock().now():%Y-%m-%d}",
    )
