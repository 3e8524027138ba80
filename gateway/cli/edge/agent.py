"""``certgate edge agent``: beside each HAProxy, until SIGTERM."""

import typer

from gateway.cli.context import DEFAULT_DATA, DataFolder, open_ground
from gateway.composition.edge_agent import run_edge_agent
from gateway.logs import configure_logs

PREPARED = "certgate: edge prepared"
READY = "certgate: edge ready"


def agent(data: DataFolder = DEFAULT_DATA) -> None:
    """Keep this machine's HAProxy in step with the database until SIGTERM.

    Writes what HAProxy reads into edge_state first, then waits for it: start
    it with ``haproxy -W -S EDGE_STATE/master.sock -f EDGE_STATE/haproxy.cfg``.
    Prints ``certgate: edge prepared`` when HAProxy may start, and
    ``certgate: edge ready`` when everything is in force.
    """
    configure_logs()
    with open_ground(data) as ground:
        run_edge_agent(ground, lambda: typer.echo(PREPARED), lambda: typer.echo(READY))
