"""``certgate officer``: register officers and change their roles."""

from typing import Annotated

import typer

from enrollment.subscribers.officers import OfficerApplication
from foundation.audit import Actor
from gateway.cli.context import DEFAULT_DATA, AsJson, DataFolder, open_house
from gateway.cli.output import print_result
from gateway.cli.slip_output import PdfFile, new_sheet, print_slip

app = typer.Typer(no_args_is_help=True, help="Officers: register, grant and revoke roles.")

Username = Annotated[str, typer.Argument(help="The officer's username.")]
Role = Annotated[str, typer.Option("--role", help="A role; see docs/operations.md.")]


@app.command()
def add(
    username: Username,
    role: Annotated[list[str], typer.Option(help="A role; may be given several times.")],
    name: Annotated[str | None, typer.Option(help="The officer's name.")] = None,
    district: Annotated[
        str | None, typer.Option(help="Act only in this district; the whole city without.")
    ] = None,
    pdf: PdfFile = None,
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Register an officer and print the password slip, once."""
    application = OfficerApplication(
        username=username, roles=tuple(role), display_name=name, district=district
    )
    with open_house(data) as house, new_sheet(pdf) as sheet:
        with house.database.writing() as session:
            slip = house.enrollment.officers.add(session, application, Actor.operator())
        print_slip(house, slip, sheet, as_json)


@app.command()
def grant(
    username: Username, role: Role, data: DataFolder = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """Grant a role; it holds from the officer's next request on."""
    with open_house(data) as house:
        with house.database.writing() as session:
            house.enrollment.officers.grant_role(session, username, role, Actor.operator())
            view = house.enrollment.officers.get(session, username)
        print_result({"username": username, "roles": list(view.roles)}, as_json)


@app.command()
def withdraw(
    username: Username, role: Role, data: DataFolder = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """Withdraw a role; it bites on the officer's next request."""
    with open_house(data) as house:
        with house.database.writing() as session:
            house.enrollment.officers.revoke_role(session, username, role, Actor.operator())
            view = house.enrollment.officers.get(session, username)
        print_result({"username": username, "roles": list(view.roles)}, as_json)
