"""``certgate audit``: check the audit log."""

import typer

from foundation.audit import BrokenChain, verify_chain
from gateway.cli.context import DEFAULT_DATA, AsJson, DataFolder, open_house
from gateway.cli.language import translator
from gateway.cli.output import print_document

app = typer.Typer(no_args_is_help=True, help="The audit log.")


@app.callback()
def audit() -> None:
    """The audit log."""


@app.command()
def verify(data: DataFolder = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Walk the hash chain; exit 1 and name the first bad entry when it is broken."""
    t = translator()
    with open_house(data) as house, house.database.reading() as session:
        try:
            count = verify_chain(session)
        except BrokenChain as broken:
            if as_json:
                print_document(
                    {"whole": False, "first_bad": broken.sequence, "reason": broken.reason}
                )
            else:
                typer.echo(t("cli.audit_broken", sequence=broken.sequence, reason=broken.reason))
            raise typer.Exit(1) from broken
    if as_json:
        print_document({"whole": True, "entries": count})
    else:
        typer.echo(t("cli.audit_whole", count=count))
