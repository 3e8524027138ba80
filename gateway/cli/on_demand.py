"""Commands whose code is imported when they run, and not before.

Imports are most of what a short command costs, and no command needs those of
another: a group knows the name, the place and the short help of each.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


class OnDemand(TyperCommand):
    """A command that is elsewhere, at ``package.module:name``: a function or an app of typer."""

    def __init__(self, name: str, place: str, help: str) -> None:
        super().__init__(name, help=help)
        self.place = place

    def make_context(self, info_name: Any, args: Any, parent: Any = None, **extra: Any) -> Any:
        """Hand over to the command itself; its context is the one that runs."""
        return self.load().make_context(info_name, args, parent, **extra)

    def load(self) -> Any:
        """Import the command and return it as click's."""
        module, _, attribute = self.place.partition(":")
        found = getattr(import_module(module), attribute)
        if not isinstance(found, typer.Typer):
            app = typer.Typer(add_completion=False)
            app.command(self.name)(found)
            found = app
        return typer.main.get_command(found)


def group_on_demand(commands: Iterable[OnDemand], *, help: str) -> typer.Typer:
    """Return an app of commands that are imported when they run."""

    class Group(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**{**attributes, "commands": list(commands)})

    app = typer.Typer(
        cls=Group,
        no_args_is_help=True,
        add_completion=False,
        # A traceback with local variables would print passwords.
        pretty_exceptions_enable=False,
        help=help,
    )
    # Typer takes an app without commands of its own for a group when it has a callback.
    app.callback()(_nothing)
    return app


def _nothing() -> None: ...
