"""``certgate certificate issue-many``: a dry run, and with its number typed, the act.

As `revoke-many` the operator's command is immediate: whoever runs it holds the
database and the keys. It issues to nobody whom a counter has not registered, and
to nobody twice (`enrollment.pickup.many`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509

from enrollment.pickup.many import ManyPickups
from enrollment.pickup.wanted import WantedPickup
from foundation.audit import Actor
from foundation.errors import Conflict, Invalid
from gateway.bulk_issuance import Judged, Results, judge_rows, read_manifest, verifier_for
from gateway.bulk_issuance.manifest import LARGEST
from gateway.bulk_issuance.results import messages
from gateway.cli.context import DEFAULT_DATA, AsJson, DataFolder, open_house
from gateway.cli.language import translator
from gateway.cli.output import print_document
from gateway.composition.certification import blocklist_of
from gateway.composition.house import House

_PROGRESS = 500


def issue_many(
    manifest: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="CSV with the columns username, request."),
    ],
    requests: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="Where the requests lie; else beside the manifest."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(file_okay=False, help="The folder for certificates and results.")
    ] = None,
    confirm: Annotated[
        int | None,
        typer.Option(min=0, help="Issue, if this is the number of certificates still to be made."),
    ] = None,
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Say what would be issued for the requests of a manifest; with --confirm NUMBER, issue it."""
    with open_house(data) as house:
        with manifest.open("rb") as file:
            rows = read_manifest(file.read(LARGEST + 1))
        pickups = ManyPickups(
            database=house.database,
            issuance=house.certification.issuance,
            audit=house.ground.audit,
            clock=house.ground.clock,
        )
        folder = requests or manifest.parent
        blocklist = blocklist_of(house.ground)
        with verifier_for(rows) as verifier:
            judged = judge_rows(
                house.database, pickups, rows, folder, blocklist=blocklist, verifier=verifier
            )
            if confirm is None:
                _print_dry_run(judged, as_json)
            else:
                if output is None:
                    raise Invalid("issue-output-missing", field="output")
                if confirm != judged.outstanding:
                    raise Conflict("issue-count-differs", count=judged.outstanding)
                made = pickups.make(
                    [wanted for _, wanted in judged.wanted], Actor.operator(), verifier=verifier
                )
                _carry_out(house, made, judged, output, as_json)
    if judged.refused:
        raise typer.Exit(1)


def _carry_out(
    house: House,
    made: Iterator[tuple[WantedPickup, x509.Certificate]],
    judged: Judged,
    output: Path,
    as_json: bool,
) -> None:
    t = translator()
    try:
        results = Results(output, house.enrollment.chains)
        for row, text in messages(t, judged.refused):
            results.refuse(row, text)
        rows = {wanted.serial_number: row for row, wanted in judged.wanted}
        total = len(judged.wanted)
        for done, (wanted, certificate) in enumerate(made, start=1):
            outcome = t("cli.issue.before" if wanted.stage == "issued" else "cli.issue.issued")
            results.keep(rows[wanted.serial_number], wanted, certificate, outcome)
            if not as_json and (done % _PROGRESS == 0 or done == total):
                typer.echo(t("cli.issue.progress", done=done, total=total), err=True)
        sheet = results.write_sheet(t)
    except OSError as refused:
        problem = refused.strerror or str(refused)
        typer.echo(f"certgate: {t('cli.file_refused', file=output, problem=problem)}", err=True)
        raise typer.Exit(1) from refused
    if as_json:
        print_document({**_document(judged), "results": str(sheet)})
        return
    _print_refused(judged)
    typer.echo(t("cli.issue.done", count=judged.outstanding, sheet=sheet))


def _print_dry_run(judged: Judged, as_json: bool) -> None:
    if as_json:
        print_document(_document(judged))
        return
    t = translator()
    _print_refused(judged)
    for stage in ("wanted", "unfinished", "issued"):
        typer.echo(f"{t(f'cli.issue.stage.{stage}')}: {judged.count(stage)}")
    typer.echo(f"{t('cli.issue.stage.refused')}: {len(judged.refused)}")
    typer.echo(t("cli.issue.dry_run", count=judged.outstanding))


def _print_refused(judged: Judged) -> None:
    t = translator()
    for row, text in messages(t, judged.refused):
        named = t("cli.issue.bad_row", row=row.number, username=row.shown_username, problem=text)
        typer.echo(named, err=True)


def _document(judged: Judged) -> dict[str, object]:
    t = translator()
    return {
        **{stage: judged.count(stage) for stage in ("wanted", "unfinished", "issued")},
        "outstanding": judged.outstanding,
        "certificates": [
            {
                "row": row.number,
                "username": wanted.username,
                "serial_number": wanted.serial_number,
                "stage": wanted.stage,
            }
            for row, wanted in judged.wanted
        ],
        "refused": [
            {
                "row": row.number,
                "username": row.shown_username,
                "code": failure.code,
                "detail": t(f"error.{failure.code}", **failure.params),
            }
            for row, failure in judged.refused
        ],
    }
