"""``certgate edge render``."""

import typer

from gateway.cli.context import DEFAULT_DATA, DataFolder, read_settings
from gateway.composition.edge import prepare_edge
from gateway.edge.rendering import EdgeError
from gateway.edge.routes import RoutesError


def render(data: DataFolder = DEFAULT_DATA) -> None:
    """Print HAProxy's configuration; its answers and empty maps go into edge_state."""
    settings = read_settings(data)
    try:
        configuration = prepare_edge(settings)
    except (EdgeError, RoutesError) as unfit:
        typer.echo(f"certgate: {unfit}", err=True)
        raise typer.Exit(2) from unfit
    typer.echo(configuration, nl=False)
