"""The inventory as a file for a spreadsheet."""

from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo

from starlette.responses import StreamingResponse

from foundation.i18n import Translator
from gateway.consoles.csv_rows import MEDIA_TYPE, csv_text
from gateway.credentials import Credential

_COLUMNS = (
    "serial_number", "display_name", "username", "district", "profile", "state", "not_before",
    "not_after", "issued_at", "revoked_at", "reason", "invalidity_date", "issuer", "key_type",
    "spki_sha256", "fingerprint_sha256", "subject",
)  # fmt: skip


def export_text(
    batches: Iterable[tuple[Credential, ...]], t: Translator, zone: tzinfo
) -> Iterator[str]:
    """Yield the file's text: headings in the language of `t`, times in `zone`."""
    headings = [t(f"export.{name}") for name in _COLUMNS]
    return csv_text(headings, ((_row(each, t, zone) for each in batch) for batch in batches))


def export_response(
    batches: Iterable[tuple[Credential, ...]], t: Translator, zone: tzinfo, at: datetime
) -> StreamingResponse:
    """Return the file as a download that is sent while it is read."""
    name = f"certificates-{at.astimezone(zone):%Y%m%d-%H%M}.csv"
    return StreamingResponse(
        export_text(batches, t, zone),
        media_type=MEDIA_TYPE,
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _row(credential: Credential, t: Translator, zone: tzinfo) -> list[str]:
    certificate = credential.certificate
    values: dict[str, object] = {
        **{name: getattr(certificate, name, None) for name in _COLUMNS},
        "display_name": credential.display_name,
        "username": certificate.subscriber,
        "district": _told(t, "district", credential.district),
        "profile": _told(t, "certificate.profile", certificate.profile),
        "state": _told(t, "certificate.state", certificate.state),
        "reason": certificate.reason,
    }
    return [_text(values[name], zone) for name in _COLUMNS]


def _told(t: Translator, prefix: str, value: str | None) -> str | None:
    return value and (t(f"{prefix}.{value}") if f"{prefix}.{value}" in t else value)


def _text(value: object, zone: tzinfo) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    return "" if value is None else str(value)
