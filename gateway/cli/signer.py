"""``certgate signer``: the CA's keys in a process of their own (docs/operations.md)."""

import signal
from pathlib import Path
from typing import Annotated

import typer

from ca.signer.adoption import adopt
from ca.signer.link import make_link
from foundation.audit import BrokenChain
from foundation.clock import SystemClock
from gateway.cli.context import (
    DEFAULT_DATA,
    AsJson,
    DataFolder,
    open_ground,
    read_settings,
    told_failures,
)
from gateway.cli.language import translator
from gateway.cli.output import print_document, print_result
from gateway.composition.keys import authority_keys
from gateway.composition.occupancy import occupied
from gateway.composition.signing import adoptable_keys, open_signer
from gateway.logs import configure_logs

READY = "certgate signer: ready"

app = typer.Typer(invoke_without_command=True, help="The signer: keys in a process of their own.")


@app.callback()
def signer(
    context: typer.Context,
    data: DataFolder = DEFAULT_DATA,
    ceremony: Annotated[
        bool, typer.Option(help="Let a root be made and sign authorities, until it is stopped.")
    ] = False,
) -> None:
    """Serve until SIGTERM. `--data` is the signer's own folder, not the gateway's."""
    if context.invoked_subcommand is not None:
        return
    t = translator()
    settings = read_settings(data)
    configure_logs()
    with (
        told_failures(t),
        occupied(data, alone=True),
        open_signer(settings, ceremony=ceremony) as house,
    ):
        try:
            server = house.server()
        except OSError as failed:
            typer.echo(f"certgate: {t('cli.port_taken', problem=failed.strerror)}", err=True)
            raise typer.Exit(1) from failed
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: server.stop())
        typer.echo(READY)
        server.serve()


@app.command("adopt")
def adopt_keys(
    gateway: Annotated[Path, typer.Argument(help="The gateway's data folder.")],
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Move the keys of issuing CAs and OCSP signers from a gateway into this signer.

    Neither may be running. The root's key stays: `certgate ca export-root`.
    """
    with (
        told_failures(translator()),
        occupied(gateway, alone=True),
        occupied(data, alone=True),
        open_ground(gateway) as ground,
        open_signer(read_settings(data)) as house,
    ):
        adopted = adopt(
            adoptable_keys(ground.database),
            source=authority_keys(ground.settings, ground.randomness),
            target=house.keys,
            holdings=house.holdings,
        )
    print_result({"adopted_keys": adopted}, as_json)


@app.command()
def link(
    folder: Annotated[Path, typer.Argument(help="A new folder for both sides' credentials.")],
) -> None:
    """Make the credentials of a signer on another machine: ``signer/`` and ``gateway/``."""
    t = translator()
    try:
        make_link(folder, SystemClock())
    except FileExistsError as there:
        typer.echo(f"certgate: {t('cli.file_exists', file=str(there.filename))}", err=True)
        raise typer.Exit(1) from there
    typer.echo(t("cli.signer_link", folder=str(folder)))


@app.command()
def verify(data: DataFolder = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Check the signer's own log; exit 1 and the first bad entry when it is broken."""
    t = translator()
    with told_failures(t), open_signer(read_settings(data)) as house:
        try:
            count = house.log.verify()
        except BrokenChain as broken:
            typer.echo(t("cli.audit_broken", sequence=broken.sequence, reason=broken.reason))
            raise typer.Exit(1) from broken
    if as_json:
        print_document({"whole": True, "entries": count})
    else:
        typer.echo(t("cli.audit_whole", count=count))
