"""``certgate slip``: replace a lost or compromised credential."""

from typing import Annotated

import typer

from foundation.audit import Actor
from gateway.cli.context import DEFAULT_DATA, AsJson, DataFolder, open_house
from gateway.cli.slip_output import PdfFile, new_sheet, print_slip

app = typer.Typer(no_args_is_help=True, help="Password slips.")


@app.callback()
def slips() -> None:
    """Password slips."""


@app.command()
def reissue(
    username: Annotated[str, typer.Argument(help="Whose credential is replaced.")],
    reason: Annotated[str, typer.Option(help="RFC 5280 reason, for example keyCompromise.")],
    pdf: PdfFile = None,
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Revoke the present certificate and print a new slip; the username stays (AMB-05)."""
    with open_house(data) as house, new_sheet(pdf) as sheet:
        with house.database.writing() as session:
            slip = house.enrollment.reissue.reissue(session, username, reason, Actor.operator())
        print_slip(house, slip, sheet, as_json)
