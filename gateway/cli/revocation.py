"""``certgate revoke | hold | release``: dead at once, for the running server too."""

from typing import Annotated

import typer

from foundation.audit import Actor
from foundation.errors import Invalid
from gateway.cli.context import DEFAULT_DATA, AsJson, DataFolder, open_house
from gateway.cli.language import translator
from gateway.cli.output import print_result
from gateway.consoles.credential_acts import HOLD
from gateway.edge.registry import EdgeEffect
from gateway.revocation import Receipt, confirmed

SerialNumber = Annotated[str, typer.Argument(help="The certificate's serial number in hex.")]


def revoke(
    serial_number: SerialNumber,
    reason: Annotated[str, typer.Option(help="RFC 5280 5.3.1 reason name.")],
    invalidity_date: Annotated[
        str, typer.Option(help="Since when the key is suspect (RFC 5280 5.3.2).")
    ] = "",
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Revoke a certificate with its sessions; prints the receipt.

    The reason `certificateHold` is a hold, which `release` can lift.
    """
    with open_house(data) as house:
        since = house.officer_acts.credentials.read_invalidity_date(invalidity_date)
        if reason == HOLD and since is not None:
            raise Invalid("invalidity-date-with-hold", field="invalidity_date")
        with house.database.writing() as session:
            act = house.revocation
            number = house.serial_number(serial_number)
            if reason == HOLD:
                receipt = act.hold(session, number, Actor.operator())
            else:
                receipt = act.revoke(session, number, reason, Actor.operator(), since)
        _print(confirmed(receipt, house.edges), as_json)


def hold(
    serial_number: SerialNumber, data: DataFolder = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """Suspend a certificate (certificateHold); prints the receipt."""
    with open_house(data) as house:
        with house.database.writing() as session:
            receipt = house.revocation.hold(
                session, house.serial_number(serial_number), Actor.operator()
            )
        _print(confirmed(receipt, house.edges), as_json)


def release(
    serial_number: SerialNumber, data: DataFolder = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """Lift a hold; prints the receipt.

    At once: the portal asks a second officer, the machine's operator answers
    for it alone (docs/decisions/0013-two-officers.md).
    """
    with open_house(data) as house:
        with house.database.writing() as session:
            receipt = house.revocation.release(
                session, house.serial_number(serial_number), Actor.operator()
            )
        _print(confirmed(receipt, house.edges), as_json)


def _print(receipt: Receipt, as_json: bool) -> None:
    document = receipt.as_document()
    if not as_json:
        document["edges"] = [_line(effect) for effect in receipt.edges] or None
    print_result(document, as_json)


def _line(effect: EdgeEffect) -> str:
    t = translator()
    return f"{effect.edge}{t('site.colon')}{t(effect.text_key, **effect.facts)}"
