"""``certgate certificate``: the inventory, and issuing or revoking many at once."""

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from foundation.audit import Actor
from foundation.errors import Invalid
from gateway.cli.bulk import revoke_many
from gateway.cli.certificate_options import filter_of, with_filter
from gateway.cli.context import DEFAULT_DATA, AsJson, DataFolder, open_house
from gateway.cli.issue_many import issue_many
from gateway.cli.language import translator
from gateway.cli.output import print_document, print_table
from gateway.composition.house import House
from gateway.consoles.certificate_export import export_text
from gateway.consoles.certificate_history import history_of
from gateway.consoles.certificate_text import lines_of
from gateway.credentials import Wanted

app = typer.Typer(
    no_args_is_help=True, help="Certificates: list, show, export, issue-many, revoke-many."
)
app.command("issue-many")(issue_many)
app.command("revoke-many")(revoke_many)
_COLUMNS = ("serial_number", "state", "profile", "subscriber", "not_after")

OutputFile = Annotated[
    Path | None, typer.Option("--output", help="A new file; standard output without it.")
]


@app.command("list")
@with_filter
def find(
    given: Mapping[str, str],
    username: Annotated[str | None, typer.Option(help="Only this subscriber's.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many at most.")] = 50,
    after: Annotated[str | None, typer.Option(help="The `next` of the page before.")] = None,
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """List certificates, newest first; by expiry when that is asked for."""
    with open_house(data) as house, house.database.reading() as session:
        form = filter_of(given)
        wanted = form.read(house.ground.zone, house.ground.clock.now())
        page = house.credentials.find(session, _of(wanted, username), after, limit)
    items = [each.certificate.as_document() for each in page.items]
    if as_json:
        print_document({"items": items, "next": page.next})
        return
    print_table(tuple(item[name] for name in _COLUMNS) for item in items)


@app.command()
def show(
    serial_number: Annotated[str, typer.Argument(help="The serial number in hex.")],
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Show one certificate, decoded, with what became of it."""
    with open_house(data) as house, house.database.reading() as session:
        credential = house.credentials.get(session, serial_number)
        number = credential.certificate.serial_number
        detail = house.credentials.detail(session, number)
        history = history_of(session, number)
    if as_json:
        events = [event.as_document() for event in history]
        named = {"display_name": credential.display_name, "district": credential.district}
        print_document({**detail.as_document(), **named, "history": events})
        return
    for line in lines_of(credential, detail, history, translator(), house.ground.zone):
        typer.echo(line)


@app.command()
@with_filter
def export(
    given: Mapping[str, str],
    output: OutputFile = None,
    data: DataFolder = DEFAULT_DATA,
) -> None:
    """Write everything that fits as CSV for a spreadsheet (UTF-8 with a byte order mark)."""
    with open_house(data) as house:
        form = filter_of(given)
        wanted = form.read(house.ground.zone, house.ground.clock.now())
        _record_export(house, wanted)
        batches = house.credentials.walk(house.database, wanted)
        text = export_text(batches, translator(), house.ground.zone)
        if output is None:
            # As it is: the file ends lines as RFC 4180 says, on every system.
            for part in text:
                sys.stdout.buffer.write(part.encode())
            return
        try:
            descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as refused:
            problem = refused.strerror or str(refused)
            typer.echo(
                f"certgate: {translator()('cli.file_refused', file=output, problem=problem)}",
                err=True,
            )
            raise typer.Exit(1) from refused
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(part.encode() for part in text)


def _of(wanted: Wanted, username: str | None) -> Wanted:
    if username is None:
        return wanted
    if wanted.text:
        raise Invalid("certificate-filter-invalid", field="username")
    return replace(wanted, conditions=replace(wanted.conditions, subscribers=(username,)))


def _record_export(house: House, wanted: Wanted) -> None:
    with house.database.writing() as session:
        house.ground.audit.record(
            session,
            "certificates.exported",
            by=Actor.operator(),
            subject="certificate:*",
            conditions=[f"{name}={value}" for name, value in wanted.as_document().items()],
        )
