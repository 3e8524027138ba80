"""``certgate reconcile``: what was revoked and the database does not know."""

from pathlib import Path
from typing import Annotated

import typer

from ca.journal.reconciliation import Reconciled
from ca.journal.settlement import Settled
from foundation.audit import Actor
from gateway.cli.context import DEFAULT_DATA, AsJson, DataFolder, open_house
from gateway.cli.output import print_result
from gateway.composition.house import House


def reconcile(
    journal: Annotated[
        list[Path] | None, typer.Option(help="A revocation journal; may be given several times.")
    ] = None,
    crl: Annotated[
        list[Path] | None, typer.Option(help="A CRL of ours that somebody else still has.")
    ] = None,
    confirm: Annotated[
        bool, typer.Option(help="Say that nothing was revoked that the database does not know.")
    ] = False,
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Do again what was revoked and a restored database does not know; exit 1 when that is open.

    Without options the installation's own revocation journal is read.
    """
    with open_house(data) as house:
        done = _reconcile(house, journal or [], crl or [], confirm)
        settled = house.settlement.settle(Actor.operator())
    print_result(_document(settled, [*done, settled.reconciled]), as_json)
    if settled.standing != "known":
        raise typer.Exit(1)


def _reconcile(
    house: House, journals: list[Path], crls: list[Path], confirm: bool
) -> list[Reconciled]:
    by = Actor.operator()
    done: list[Reconciled] = []
    if journals:
        done.append(house.settlement.reconcile_with_journals(journals, by))
    for crl in crls:
        _, from_crl = house.settlement.reconcile_with_crl(_read(crl), by)
        done.append(from_crl)
    if confirm:
        house.settlement.confirm(by)
    return done


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as failed:
        raise typer.BadParameter(f"{path}: {failed.strerror}") from failed


def _document(settled: Settled, done: list[Reconciled]) -> dict[str, object]:
    return {
        "revocations": settled.standing,
        "problem": settled.problem,
        "revoked": sum(each.revoked for each in done),
        "held": sum(each.held for each in done),
        "released": sum(each.released for each in done),
        "abandoned": sum(each.abandoned for each in done),
        "lost": sum(each.lost for each in done),
    }
