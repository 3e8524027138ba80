"""``certgate edge list`` and ``certgate edge forget``."""

from typing import Annotated

import typer

from gateway.cli.context import DEFAULT_DATA, AsJson, DataFolder, open_ground
from gateway.cli.output import print_document, print_table
from gateway.composition.edge_registry import edge_registry


def list_edges(data: DataFolder = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List the edges that ever reported: standing, last heartbeat, epoch in force."""
    with open_ground(data) as ground, ground.database.reading() as session:
        edges = edge_registry(ground).list(session)
    if as_json:
        print_document({"items": [edge.as_document() for edge in edges]})
    else:
        print_table(tuple(edge.as_document().values()) for edge in edges)


def forget(
    name: Annotated[str, typer.Argument(help="The edge's name.")],
    data: DataFolder = DEFAULT_DATA,
) -> None:
    """Strike an edge off the list that is no more."""
    with open_ground(data) as ground, ground.database.writing() as session:
        edge_registry(ground).forget(session, name)
