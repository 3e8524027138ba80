"""``certgate``: the command."""

import logging
import os

import typer

from gateway.cli import (
    audit,
    backup,
    ca,
    certificates,
    doctor,
    initialise,
    officers,
    reconcile,
    revocation,
    signer,
    slips,
    units,
    up,
)
from gateway.logs import configure_logs

app = typer.Typer(
    name="certgate",
    no_args_is_help=True,
    add_completion=False,
    # A traceback with local variables would print passwords.
    pretty_exceptions_enable=False,
    help="A private certificate authority and authentication gateway.",
)
app.command("init")(initialise.init)
app.command("up")(up.up)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("reconcile")(reconcile.reconcile)
app.command("doctor")(doctor.doctor)
app.command("revoke")(revocation.revoke)
app.command("hold")(revocation.hold)
app.command("release")(revocation.release)
app.add_typer(officers.app, name="officer")
app.add_typer(units.app, name="unit")
app.add_typer(slips.app, name="slip")
app.add_typer(certificates.app, name="certificate")
app.add_typer(audit.app, name="audit")
app.add_typer(ca.app, name="ca")
app.add_typer(signer.app, name="signer")


def main() -> None:
    """Run the command line."""
    # Everything this program writes is for its owner: databases, keys, slips.
    os.umask(0o077)
    # Standard output is for what was asked; `up` says more when it starts.
    configure_logs(logging.WARNING)
    app()


if __name__ == "__main__":
    main()
