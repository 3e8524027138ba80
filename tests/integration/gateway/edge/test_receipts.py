"""What an officer reads about the edges: on receipts, on the page, from the doctor."""

from datetime import timedelta

import pytest

from gateway.composition.edge_registry import edge_registry
from gateway.doctor.edge_checks import check_edges
from tests.support.bureau import Bureau

# One database: the registry itself is shown on both (test_agent_logic).
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def test_receipts_name_each_edge_and_the_page_those_that_are_away(bureau: Bureau) -> None:
    registry = edge_registry(bureau.house.ground)
    slip = bureau.register_unit()
    bureau.pick_up(slip)
    officer = bureau.arrive(bureau.register_officer("zhao.qiang", "security_officer"))
    with bureau.house.database.writing() as session:
        for name in ("edge-1", "edge-2"):
            registry.enter(session, name, "one")
    bureau.clock.advance(timedelta(seconds=31))
    now = bureau.clock.now()
    with bureau.house.database.writing() as session:
        registry.report(session, "edge-1", "one", "serving", 1_000, "reload-needed")
        # As if it had heard of the act before the answer: this test has one thread.
        registry.acknowledge(
            session, "edge-1", 1_000, now + timedelta(milliseconds=7),
            now + timedelta(milliseconds=9), 3,
        )  # fmt: skip

    receipt = officer.post(f"/api/v1/certificates/{slip.serial_number}/hold").json()

    assert receipt["edges"] == [
        {
            "edge": "edge-1", "state": "effective", "refused_after_ms": 7,
            "closed_after_ms": 9, "connections_closed": 3,
        },
        {
            "edge": "edge-2", "state": "away", "refused_after_ms": None,
            "closed_after_ms": None, "connections_closed": None,
        },
    ]  # fmt: skip
    page = officer.get("/security/certificates", headers={"accept-language": "en"}).text
    assert "Edges that need attention" in page
    assert "edge-1: reload-needed" in page
    assert "edge-2: not heard of since" in page
    assert [(one.verdict, one.outcome) for one in check_edges(bureau.house)] == [
        ("wrong", "complains"),
        ("wrong", "away"),
    ]
