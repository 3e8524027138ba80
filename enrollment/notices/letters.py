"""What a notice says: Chinese first, English below."""

import hashlib
from datetime import datetime, timedelta, tzinfo

from enrollment.notices.due import DueNotice
from foundation.i18n import Catalogues, Translator
from foundation.mail import Letter

_LANGUAGES = ("zh", "en")
# Enough to tell two certificates apart, too little for the pickup page.
_SERIAL_DIGITS = 6
_MARK_DIGITS = 24


class NoticeLetters:
    """Writes the letters."""

    def __init__(self, catalogues: Catalogues, zone: tzinfo, renewal_url: str) -> None:
        """`zone` is where dates are told; `renewal_url` is the page to renew on."""
        self._translators = [catalogues.translator(language) for language in _LANGUAGES]
        self._zone = zone
        self._renewal_url = renewal_url

    def write(self, notice: DueNotice, now: datetime) -> Letter:
        """Return the letter; it holds neither a secret nor the whole serial number."""
        facts: dict[str, str | int] = {
            "name": notice.display_name,
            "username": notice.username,
            "date": notice.not_after.astimezone(self._zone).date().isoformat(),
            "days": _days_left(notice.not_after, now),
            "serial_end": notice.serial_number[-_SERIAL_DIGITS:],
        }
        return Letter(
            recipient=notice.email,
            subject=" / ".join(t("enrollment.notice.subject", **facts) for t in self._translators),
            text="\n\n".join(self._text(t, facts) for t in self._translators),
            key=f"certgate-expiry-{_mark_of(notice.serial_number)}-{notice.days}",
        )

    def _text(self, t: Translator, facts: dict[str, str | int]) -> str:
        return "\n".join(
            (
                t("enrollment.notice.greeting", **facts),
                "",
                t("enrollment.notice.expires", **facts),
                t("enrollment.notice.renew", **facts),
                "",
                self._renewal_url,
                "",
                t("enrollment.notice.late", **facts),
                t("enrollment.notice.phishing", **facts),
            )
        )


def _mark_of(serial_number: str) -> str:
    """Return what tells the certificate's letters from those of another."""
    return hashlib.sha256(serial_number.encode()).hexdigest()[:_MARK_DIGITS]


def _days_left(not_after: datetime, now: datetime) -> int:
    """Return the days left, a part of a day counting as one."""
    return -((now - not_after) // timedelta(days=1))
