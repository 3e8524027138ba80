"""What every command starts from: the data folder and the house built on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from foundation.database.failures import find_unavailability
from foundation.database.schema import upgrade_schema
from foundation.errors import Failure
from foundation.i18n import Translator
from foundation.settings import Settings
from gateway.cli.language import translator
from gateway.cli.output import print_failure
from gateway.composition.ground import Ground, lay_ground
from gateway.composition.house import House, build_house

DataFolder = Annotated[
    Path, typer.Option("--data", envvar="CERTGATE_DATA", help="The data folder.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]

DEFAULT_DATA = Path("data")


def read_settings(data: Path) -> Settings:
    """Read the settings; ends the command with what is wrong when they do not fit."""
    try:
        return Settings.load(data)
    except ValidationError as wrong:
        for error in wrong.errors(include_input=False, include_url=False):
            where = ".".join(str(part) for part in error["loc"])
            typer.echo(f"certgate: {where}: {error['msg']}", err=True)
        raise typer.Exit(2) from wrong


@contextmanager
def open_house(data: Path) -> Iterator[House]:
    """Open an initialised installation; failures become a message and exit code 1."""
    with open_ground(data) as ground:
        upgrade_schema(ground.database)
        yield build_house(ground)


@contextmanager
def open_ground(data: Path) -> Iterator[Ground]:
    """Open the database of an installation as it is; keys stay closed."""
    t = translator()
    settings = read_settings(data)
    with told_failures(t):
        if settings.database_url is None and not (data / "certgate.db").exists():
            typer.echo(f"certgate: {t('cli.not_initialised', folder=str(data))}", err=True)
            raise typer.Exit(1)
        ground = lay_ground(settings)
        try:
            yield ground
        finally:
            ground.database.dispose()


@contextmanager
def told_failures(t: Translator) -> Iterator[None]:
    """Turn a failure into a message on standard error and exit code 1; of the database too."""
    try:
        yield
    except Failure as failure:
        print_failure(t, failure)
        raise typer.Exit(1) from failure
    except SQLAlchemyError as error:
        unavailable = find_unavailability(error)
        if unavailable is None:
            raise
        # The driver's text tells an operator why; it never has the password.
        typer.echo(f"certgate: {getattr(error, 'orig', None) or error}", err=True)
        print_failure(t, unavailable)
        raise typer.Exit(1) from error
