"""A dry run as a file for a spreadsheet."""

from collections.abc import Iterable, Sequence

from starlette.responses import StreamingResponse

from foundation.i18n import Translator
from gateway.bulk_revocation import SelectedView
from gateway.consoles.csv_rows import MEDIA_TYPE, csv_text

_COLUMNS = ("serial_number", "display_name", "username", "district", "profile", "verdict")


def bulk_export_response(
    batches: Iterable[Sequence[SelectedView]], t: Translator, selection_id: int
) -> StreamingResponse:
    """Return the file as a download that is sent while it is read."""
    headings = [t(f"export.{name}") for name in _COLUMNS]
    rows = ((_row(each, t) for each in batch) for batch in batches)
    return StreamingResponse(
        csv_text(headings, rows),
        media_type=MEDIA_TYPE,
        headers={"content-disposition": f'attachment; filename="dry-run-{selection_id}.csv"'},
    )


def _row(row: SelectedView, t: Translator) -> list[str]:
    district = row.district or ""
    profile = t(f"certificate.profile.{row.profile}") if row.profile else ""
    return [
        row.serial_number,
        row.display_name or "",
        row.subscriber or "",
        t(f"district.{district}") if f"district.{district}" in t else district,
        profile,
        t(f"bulk.verdict.{row.verdict}"),
    ]
