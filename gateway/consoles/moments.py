"""Days and moments as people type them into filters and forms."""

from datetime import UTC, date, datetime, time, tzinfo

from foundation.errors import Invalid

_FIRST_YEAR = 2000
_LAST_YEAR = 9990


def read_moment(unverified_text: str | None, zone: tzinfo, field: str) -> datetime | None:
    """Return the moment in UTC, or None for nothing.

    Takes a day (its beginning in `zone`) or RFC 3339; a time without a zone is
    told in `zone`. Raises `Invalid` ("moment-malformed") with `field`.
    """
    text = (unverified_text or "").strip()
    if not text:
        return None
    try:
        moment = _parse(text, zone)
    except (ValueError, OverflowError) as wrong:
        raise Invalid("moment-malformed", field=field) from wrong
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise Invalid("moment-malformed", field=field)
    return moment


def _parse(text: str, zone: tzinfo) -> datetime:
    if len(text) <= len("YYYY-MM-DD"):
        return datetime.combine(date.fromisoformat(text), time(), zone).astimezone(UTC)
    # A plus sign in a query that nobody escaped arrives as a space.
    moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
