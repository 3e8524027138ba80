"""``certgate audit``: checkpoints of the audit log, and checking it here or anywhere."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from foundation.audit import BrokenChain
from foundation.audit.export import ExportUnreadable, export_lines, verify_export
from foundation.audit.note import NoteRefused, VerifierKey
from foundation.audit.verification import Verified
from gateway.audit_keeping import read_kept
from gateway.cli.context import DEFAULT_DATA, AsJson, DataFolder, open_house
from gateway.cli.language import translator
from gateway.cli.output import print_document, print_result
from gateway.composition.house import House

app = typer.Typer(no_args_is_help=True, help="The audit log.")


@app.callback()
def audit() -> None:
    """The audit log."""


@app.command()
def verify(
    file: Annotated[
        Path | None,
        typer.Option("--file", help="An exported log; neither database nor keys are needed."),
    ] = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="Checkpoints kept elsewhere, as an anchor file; several are allowed."),
    ] = None,
    public_key: Annotated[
        str | None, typer.Option(help="The key of the checkpoints (certgate audit key).")
    ] = None,
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Check chain and checkpoints; exit 1 and name the first bad entry when it is broken.

    Checkpoints that were kept elsewhere show whether the log was cut or written anew.
    """
    try:
        if file is not None:
            verified = _verify_file(file, checkpoint or [], _key(public_key))
        else:
            with open_house(data) as house:
                verified = _verify_here(house, checkpoint or [], public_key)
    except BrokenChain as broken:
        _tell_broken(broken.sequence, broken.reason, as_json)
    except ExportUnreadable as unreadable:
        typer.echo(f"certgate: {file}: {unreadable}", err=True)
        raise typer.Exit(1) from unreadable
    _tell_whole(verified, as_json)


@app.command()
def checkpoint(data: DataFolder = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Make a checkpoint of everything that is new, and print the newest."""
    with open_house(data) as house:
        try:
            house.audit_keeping.make_checkpoint()
        except BrokenChain as broken:
            _tell_broken(broken.sequence, broken.reason, as_json)
        newest = house.audit_keeping.newest()
        if newest is None:
            raise typer.Exit(1)
        if as_json:
            print_document({"size": newest.size, "origin": newest.origin, "note": newest.note})
        else:
            typer.echo(newest.note, nl=False)


@app.command()
def key(data: DataFolder = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Print the public key of the checkpoints: keep it where the log is verified."""
    with open_house(data) as house:
        written = house.audit_keeping.verifier_key().written()
    if as_json:
        print_document({"public_key": written})
    else:
        typer.echo(written)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="The file to make; - is standard output.")],
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Write entries and checkpoints as JSON lines, to be verified anywhere."""
    with open_house(data) as house, house.database.reading() as session, ExitStack() as closing:
        target = sys.stdout
        if str(file) != "-":
            try:
                # Nobody else reads it, and no file is lost.
                descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except OSError as failed:
                raise typer.BadParameter(f"{file}: {failed.strerror}") from failed
            target = closing.enter_context(os.fdopen(descriptor, "w", encoding="utf-8"))
        for line in export_lines(session):
            target.write(line)
    if str(file) != "-":
        print_result({"file": str(file), "size": file.stat().st_size}, as_json)


def _verify_here(house: House, kept: list[Path], public_key: str | None) -> Verified:
    keeping = house.audit_keeping
    keys = [_key(public_key)] if public_key else keeping.verifier_keys()
    try:
        return keeping.verify([*keeping.anchored(), *read_kept(kept, keys)])
    except OSError as unreadable:
        raise typer.BadParameter(f"{unreadable.filename}: {unreadable.strerror}") from unreadable


def _verify_file(file: Path, kept: list[Path], key: VerifierKey) -> Verified:
    try:
        with file.open(encoding="utf-8") as lines:
            return verify_export(lines, [key], read_kept(kept, [key]))
    except (OSError, UnicodeDecodeError) as unreadable:
        raise typer.BadParameter(f"{file}: {unreadable}") from unreadable


def _key(written: str | None) -> VerifierKey:
    if written is None:
        raise typer.BadParameter("--public-key is needed to verify a file")
    try:
        return VerifierKey.read(written)
    except NoteRefused as refused:
        raise typer.BadParameter(f"--public-key: {refused}") from refused


def _tell_whole(verified: Verified, as_json: bool) -> None:
    t = translator()
    if as_json:
        print_document(
            {
                "whole": True,
                "entries": verified.entries,
                "checkpoints": verified.checkpoints,
                "signed_entries": verified.signed_entries,
                "anchored": verified.anchored,
                "lost": [{"origin": lost.origin, "size": lost.size} for lost in verified.lost],
            }
        )
        return
    typer.echo(t("cli.audit_whole", count=verified.entries))
    typer.echo(
        t(
            "cli.audit_signed",
            checkpoints=verified.checkpoints,
            entries=verified.signed_entries,
            anchored=verified.anchored,
        )
    )
    for lost in verified.lost:
        typer.echo(t("cli.audit_lost", origin=lost.origin, size=lost.size))


def _tell_broken(sequence: int, reason: str, as_json: bool) -> NoReturn:
    if as_json:
        print_document({"whole": False, "first_bad": sequence, "reason": reason})
    else:
        t = translator()
        typer.echo(t("cli.audit_broken", sequence=sequence, reason=reason))
    raise typer.Exit(1)
