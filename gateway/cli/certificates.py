"""``certgate certificate``: the inventory."""

from typing import Annotated

import typer

from gateway.cli.context import DEFAULT_DATA, AsJson, DataFolder, open_house
from gateway.cli.output import print_document, print_result, print_table

app = typer.Typer(no_args_is_help=True, help="Certificates: list and show.")
_COLUMNS = ("serial_number", "state", "profile", "subscriber", "not_after")


@app.command("list")
def find(
    username: Annotated[str | None, typer.Option(help="Only this subscriber's.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many at most.")] = 50,
    after: Annotated[str | None, typer.Option(help="The `next` of the page before.")] = None,
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """List certificates, newest first."""
    with open_house(data) as house, house.database.reading() as session:
        page = house.certification.inventory.find(
            session, subscribers=[username] if username else None, after=after, limit=limit
        )
    if as_json:
        print_document({"items": [item.as_document() for item in page.items], "next": page.next})
        return
    print_table(tuple(item.as_document()[name] for name in _COLUMNS) for item in page.items)


@app.command()
def show(
    serial_number: Annotated[str, typer.Argument(help="The serial number in hex.")],
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Show one certificate."""
    with open_house(data) as house, house.database.reading() as session:
        summary = house.credentials.get(session, serial_number).certificate
        print_result(summary.as_document(), as_json)
