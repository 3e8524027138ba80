"""The edges: heard of lately, and without complaints."""

from collections.abc import Iterator

from gateway.composition.edge_registry import edge_registry
from gateway.composition.house import House
from gateway.doctor.finding import Finding


def check_edges(house: House) -> Iterator[Finding]:
    """Yield one finding for each edge that ever reported and was not forgotten."""
    now = house.ground.clock.now()
    with house.database.reading() as session:
        edges = edge_registry(house.ground).list(session)
    for edge in edges:
        seconds = max(0, round((now - edge.heartbeat_at).total_seconds()))
        facts: dict[str, str | int] = {"name": edge.name, "seconds": seconds}
        if edge.is_away:
            yield Finding("edge", "wrong", "away", facts)
        elif edge.note is not None:
            yield Finding("edge", "wrong", "complains", {**facts, "note": edge.note})
        elif edge.standing != "serving":
            yield Finding("edge", "note", "not_serving", {**facts, "standing": edge.standing})
        else:
            yield Finding("edge", "good", "serving", facts)
