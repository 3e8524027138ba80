"""``certgate certificate revoke-many``: a dry run, and with its number typed, the act.

The operator's command is immediate and takes nobody else's consent: whoever
runs it holds the database and the keys, and could do the same without it. It
is on record as the operator's (docs/decisions/0013-two-officers.md).
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ca.reasons import read_reason
from foundation.audit import Actor
from foundation.errors import Conflict, Invalid
from gateway.bulk_revocation import SelectionView, read_serial_list
from gateway.bulk_revocation.execution import Order
from gateway.cli.certificate_options import filter_of, with_filter
from gateway.cli.context import DEFAULT_DATA, AsJson, DataFolder, open_house
from gateway.cli.language import translator
from gateway.cli.output import print_document
from gateway.composition.house import House
from gateway.consoles.filter_form import FilterForm

ListFile = Annotated[
    Path | None,
    typer.Option("--list", exists=True, dir_okay=False, help="Serial numbers, one a line, or CSV."),
]


@with_filter
def revoke_many(
    given: Mapping[str, str],
    reason: Annotated[str, typer.Option(help="RFC 5280 5.3.1 reason name.")],
    list_file: ListFile = None,
    invalidity_date: Annotated[
        str, typer.Option(help="Since when the keys are suspect (RFC 5280 5.3.2).")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be revoked (the default).")
    ] = False,
    confirm: Annotated[
        int | None,
        typer.Option(min=1, help="Revoke, if this is the number of certificates it would be."),
    ] = None,
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Say which certificates would be revoked; with --confirm NUMBER, revoke them."""
    with open_house(data) as house:
        form = filter_of(given)
        read_reason(reason)
        since = house.officer_acts.credentials.read_invalidity_date(invalidity_date)
        view = _dry_run(house, list_file, form)
        if confirm is None or dry_run:
            _print_dry_run(view, as_json)
            return
        if confirm != view.hits:
            raise Conflict("selection-differs")
        _carry_out(house, view, reason, since, as_json)


def _dry_run(house: House, list_file: Path | None, form: FilterForm) -> SelectionView:
    by, selections = Actor.operator(), house.officer_acts.selections
    if list_file is None:
        wanted = form.read(house.ground.zone, house.ground.clock.now())
        with house.database.writing() as session:
            return selections.by_criteria(session, wanted, by)
    if form.given:
        raise Invalid("list-or-criteria", field="list")
    listed = read_serial_list(list_file.read_bytes())
    with house.database.writing() as session:
        return selections.by_list(session, listed, list_file.name, None, by)


def _carry_out(
    house: House, view: SelectionView, reason: str, since: datetime | None, as_json: bool
) -> None:
    execution = house.officer_acts.execution
    order = Order(view.id, reason, since)
    progress = execution.carry_out(house.database, order, Actor.operator())
    if as_json:
        print_document({"dry_run": view.id, **progress.as_document()})
        return
    t = translator()
    typer.echo(t("cli.bulk.revoked", count=progress.revoked, sessions=progress.sessions_ended))
    for code, count in progress.skipped.items():
        typer.echo(f"  {t.first(f'bulk.outcome.{code}', 'bulk.outcome.other')}: {count}")


def _print_dry_run(view: SelectionView, as_json: bool) -> None:
    if as_json:
        print_document(view.as_document())
        return
    t = translator()
    for verdict, count in view.verdicts.items():
        typer.echo(f"{t(f'bulk.verdict.{verdict}')}: {count}")
    for line, text in view.malformed:
        typer.echo(t("bulk.malformed_line", line=line, text=text), err=True)
    if view.security_officers_left == 0:
        typer.echo(t("error.selection-last-security-officer"), err=True)
    typer.echo(t("cli.bulk.dry_run", count=view.hits))
