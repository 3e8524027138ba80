"""Commands are imported when they run, and what the group says of them is what they say."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
import typer.main
from typer.core import TyperGroup
from typer.testing import CliRunner

from gateway.cli.main import app
from gateway.cli.on_demand import OnDemand, group_on_demand

LISTING = """
import sys
from gateway.cli.main import app
try:
    app(["--help"])
except SystemExit as ended:
    assert ended.code == 0
print(*sys.modules, file=sys.stderr)
"""
HEAVY = {"alembic", "cryptography", "dbos", "fastapi", "reportlab", "sqlalchemy", "uvicorn"}


def commands_of(group: TyperGroup) -> Iterator[OnDemand]:
    """Yield every command that is imported on demand, those of groups within it too."""
    for command in group.commands.values():
        if isinstance(command, OnDemand):
            yield command
            loaded = command.load()
            if isinstance(loaded, TyperGroup):
                yield from commands_of(loaded)


COMMANDS = list(commands_of(typer.main.get_command(app)))  # type: ignore[arg-type]


def test_listing_the_commands_imports_none_of_them() -> None:
    listed = subprocess.run(
        [sys.executable, "-c", LISTING], capture_output=True, text=True, check=True
    )

    assert "reconcile" in listed.stdout
    assert HEAVY.isdisjoint(listed.stderr.split())


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.place)
def test_the_short_help_is_the_command_s_own(command: OnDemand) -> None:
    assert command.help == command.load().help.partition("\n\n")[0].replace("\n", " ")


def test_options_and_arguments_reach_the_command() -> None:
    group = group_on_demand([OnDemand("show", f"{__name__}:shown", "Show it.")], help="A group.")

    result = CliRunner().invoke(group, ["show", "it", "--times", "2"])

    assert result.output == "itit\n"


def test_what_is_no_command_is_a_mistake_of_the_caller() -> None:
    group = group_on_demand([OnDemand("show", f"{__name__}:shown", "Show it.")], help="A group.")

    assert CliRunner().invoke(group, ["hide"]).exit_code == 2


def shown(what: str, times: int = 1) -> None:
    """Show it."""
    typer.echo(what * times)
