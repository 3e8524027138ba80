"""``certgate unit``: register units, change their class and standing."""

from typing import Annotated

import typer

from enrollment.subscribers.units import INSURANCE_TYPES, UnitApplication
from foundation.audit import Actor
from gateway.cli.context import DEFAULT_DATA, AsJson, DataFolder, open_house
from gateway.cli.output import print_result
from gateway.cli.slip_output import PdfFile, new_sheet, print_slip

app = typer.Typer(no_args_is_help=True, help="Units: register, promote, demote, suspend, resume.")

Username = Annotated[str, typer.Argument(help="The unit's username.")]


@app.command()
def add(
    name: Annotated[str, typer.Option(help="The unit's name.")],
    credit_code: Annotated[str, typer.Option(help="Unified social credit code (GB 32100).")],
    district: Annotated[str, typer.Option(help="The district whose agency is responsible.")],
    insurance: Annotated[
        str, typer.Option(help="Comma-separated insurance types; all six by default.")
    ] = ",".join(INSURANCE_TYPES),
    pdf: PdfFile = None,
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Register an ordinary unit and print its password slip, once (ENR-09..11)."""
    types = tuple(part.strip() for part in insurance.split(",") if part.strip())
    application = UnitApplication(
        name=name, credit_code=credit_code, district=district, insurance=types
    )
    with open_house(data) as house, new_sheet(pdf) as sheet:
        with house.database.writing() as session:
            slip = house.enrollment.units.register(session, application, Actor.operator())
        print_slip(house, slip, sheet, as_json)


@app.command()
def promote(username: Username, data: DataFolder = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Make an ordinary unit a VIP unit (ENR-12, ENR-13)."""
    with open_house(data) as house:
        with house.database.writing() as session:
            house.enrollment.standing.promote(session, username, Actor.operator())
            view = house.enrollment.units.get(session, username)
        print_result({"username": view.username, "unit_class": view.unit_class}, as_json)


@app.command()
def demote(username: Username, data: DataFolder = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Make a VIP unit an ordinary unit (AMB-21)."""
    with open_house(data) as house:
        with house.database.writing() as session:
            house.enrollment.standing.demote(session, username, Actor.operator())
            view = house.enrollment.units.get(session, username)
        print_result({"username": view.username, "unit_class": view.unit_class}, as_json)


@app.command()
def suspend(username: Username, data: DataFolder = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Suspend a subscriber: blocked at the gateway from the next request on (ENR-20, AMB-21)."""
    with open_house(data) as house:
        with house.database.writing() as session:
            house.enrollment.standing.suspend(session, username, Actor.operator())
        print_result({"username": username, "standing": "suspended"}, as_json)


@app.command()
def resume(username: Username, data: DataFolder = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Lift a suspension."""
    with open_house(data) as house:
        with house.database.writing() as session:
            house.enrollment.standing.resume(session, username, Actor.operator())
        print_result({"username": username, "standing": "active"}, as_json)
