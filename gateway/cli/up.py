"""``certgate up``: serve the three doors until SIGTERM."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from ca.journal.unreconciled import AUDIT_LOG_CUT
from foundation.audit import Actor
from foundation.database.schema import upgrade_schema
from foundation.i18n import Translator
from foundation.settings import Settings
from gateway.cli.context import DEFAULT_DATA, DataFolder, read_settings, told_failures
from gateway.cli.demo import SLIP_FILE, enter_sample
from gateway.cli.language import translator
from gateway.cli.output import print_facts
from gateway.composition.ground import lay_ground
from gateway.composition.house import House, build_house
from gateway.composition.initialisation import ensure_initialised
from gateway.composition.observation import observe
from gateway.composition.occupancy import occupied
from gateway.composition.serving import serve_house
from gateway.logs import configure_logs

READY = "certgate: ready"


def up(
    data: DataFolder = DEFAULT_DATA,
    demo: Annotated[
        bool, typer.Option(help="Make sample units, employees and officers once.")
    ] = False,
) -> None:
    """Initialise when empty, then serve all three listeners until SIGTERM, which drains."""
    t = translator()
    settings = read_settings(data)
    configure_logs()
    with told_failures(t), occupied(data):
        ground = lay_ground(settings, observation=observe(settings))
        try:
            ensure_initialised(ground, Actor.operator())
            upgrade_schema(ground.database)
            house = build_house(ground)
            _settle(t, house)
            if demo:
                _show_sample(t, enter_sample(house), data)
            _serve(t, settings, lambda on_ready: serve_house(house, on_ready))
        finally:
            ground.database.dispose()


def _settle(t: Translator, house: House) -> None:
    settled = house.settlement.settle(Actor.operator())
    if settled.reconciled.count:
        typer.echo(t("cli.reconciled", count=settled.reconciled.count))
    if house.audit_keeping.is_known_to_be_cut():
        settled = house.settlement.close(AUDIT_LOG_CUT, Actor.operator())
    if settled.standing != "known":
        # It serves all the same: CRLs, OCSP and the public pages do no harm,
        # and the portal tells its visitors what is the matter.
        text = t(f"cli.revocations_{settled.standing}", problem=settled.problem or "-")
        typer.echo(f"certgate: {text}", err=True)


def _serve(t: Translator, settings: Settings, serve: Callable[[Callable[[], None]], None]) -> None:
    def on_ready() -> None:
        for name in ("public", "portal", "pki"):
            typer.echo(f"{t(f'cli.url.{name}')}: {getattr(settings, f'{name}_url')}/")
        typer.echo(READY)

    try:
        serve(on_ready)
    except OSError as failed:
        typer.echo(f"certgate: {t('cli.port_taken', problem=failed.strerror)}", err=True)
        raise typer.Exit(1) from failed


def _show_sample(t: Translator, slips: list[dict[str, str]], data: Path) -> None:
    if not slips:
        return
    typer.echo(t("cli.demo_slips", file=str(data / SLIP_FILE)))
    for slip in slips:
        typer.echo("")
        print_facts(t, slip)
    typer.echo("")
