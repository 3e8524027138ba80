"""``certgate edge enroll``: a certificate by which nodes recognise an edge."""

from pathlib import Path
from typing import Annotated

import typer

from ca.keys.private_files import make_private_folder, replace_private_file
from foundation.audit import Actor
from gateway.cli.context import DEFAULT_DATA, AsJson, DataFolder, open_house
from gateway.cli.output import print_result
from gateway.edge.link.enrollment import EdgeEnrollment

LINK = "link.pem"
LINK_AUTHORITIES = "link-authorities.pem"


def enroll(
    name: Annotated[str, typer.Argument(help="The edge's name: small letters, digits, hyphens.")],
    data: DataFolder = DEFAULT_DATA,
    out: Annotated[
        Path | None,
        typer.Option(help="Where to write; without it the edge's own folder (edge_state)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Issue a certificate to an edge and write link.pem and link-authorities.pem.

    Once more before it ends: the old one stays good until it is revoked.
    """
    with open_house(data) as house:
        folder = out.absolute() if out is not None else house.ground.settings.resolved_edge_state
        make_private_folder(folder)
        certification = house.certification
        credential = EdgeEnrollment(
            house.database, certification.issuance, certification.hierarchy
        ).enroll(name, Actor.operator())
        replace_private_file(folder / LINK, credential.link_pem)
        replace_private_file(folder / LINK_AUTHORITIES, credential.authorities_pem)
    print_result(
        {
            "edge": credential.name,
            "serial_number": credential.serial_number,
            "not_after": credential.not_after.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "folder": str(folder),
        },
        as_json,
    )
