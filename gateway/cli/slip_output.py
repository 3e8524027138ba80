"""What a command does with a fresh slip: print it once, and write the sheet when asked."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from enrollment.paper.slip_pdf import SlipPdf
from enrollment.slips.issuing import IssuedSlip
from gateway.cli.language import translator
from gateway.cli.output import print_result
from gateway.composition.house import House

PdfFile = Annotated[
    Path | None,
    typer.Option("--pdf", help="Also write the printable slip here; the file must not exist."),
]


@contextmanager
def new_sheet(path: Path | None) -> Iterator[BinaryIO | None]:
    """Open a new file for the sheet before anything is issued, None without `path`.

    Ends the command when the file exists or cannot be made, and removes it
    when issuing fails: no slip is lost for want of a place to print it.
    """
    if path is None:
        yield None
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as failed:
        problem = failed.strerror or str(failed)
        message = translator()("cli.file_refused", file=str(path), problem=problem)
        typer.echo(f"certgate: {message}", err=True)
        raise typer.Exit(1) from failed
    try:
        with os.fdopen(descriptor, "wb") as sheet:
            yield sheet
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def print_slip(house: House, slip: IssuedSlip, sheet: BinaryIO | None, as_json: bool) -> None:
    """Print the four values, which exist nowhere else, and fill the sheet."""
    print_result(slip.as_document(), as_json)
    if sheet is not None:
        sheet.write(SlipPdf(house.ground.catalogues, house.ground.zone).render(slip))
