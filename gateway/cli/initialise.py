"""``certgate init``: the certificate authority and the database, once."""

from pathlib import Path

import typer

from foundation.audit import Actor
from gateway.cli.context import DEFAULT_DATA, AsJson, DataFolder, read_settings, told_failures
from gateway.cli.language import translator
from gateway.cli.output import print_document
from gateway.composition.ground import lay_ground
from gateway.composition.initialisation import initialise


def init(data: DataFolder = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Make root, issuing CA, server and OCSP certificates and the database.

    Refuses a folder that already has them.
    """
    t = translator()
    settings = read_settings(data)
    with told_failures(t):
        ground = lay_ground(settings)
        try:
            fingerprint = initialise(ground, Actor.operator())
        finally:
            ground.database.dispose()
    if as_json:
        print_document({"data": str(Path(data).absolute()), "root_fingerprint_sha256": fingerprint})
    else:
        typer.echo(t("cli.initialised", folder=str(data)))
        typer.echo(f"{t('cli.fact.root_fingerprint_sha256')}: {fingerprint}")
