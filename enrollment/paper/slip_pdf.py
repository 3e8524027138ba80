"""The Unit Password Slip (单位用户密码条, ENR-10) as one sheet of A4.

The upper part goes home with the operator and holds the four values. Below the
cut line stands the receipt that the agency files (ENR-02, ENR-08): it repeats
who and which certificate, and no secret.
"""

from datetime import datetime
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from enrollment.paper.grouping import grouped
from enrollment.slips.issuing import IssuedSlip
from foundation.i18n import Catalogues
from foundation.paper.document import ACCENT, FAINT, INK, PAPER, WASH, Sheet, Type
from foundation.paper.qr import QrCode

LEFT, RIGHT, VALUES = 18.0, 192.0, 56.0
ROW = 16.5

TITLE = Type(25, bold=True)
NAMES = tuple(Type(size, bold=True) for size in (15, 12, 9))
LABEL = Type(11, bold=True)
BODY = Type(9.2)
SMALL = Type(7.2, colour=FAINT)
VALUE = Type(18.5, mono=True)
LONG_SERIAL = Type(13, mono=True)
FINGERPRINT = Type(10.5, mono=True)
ADDRESS = Type(11.5, mono=True)


class SlipPdf:
    """Draws slips with the texts of both languages."""

    def __init__(self, catalogues: Catalogues, timezone: ZoneInfo) -> None:
        self._zh = catalogues.translator("zh")
        self._en = catalogues.translator("en")
        self._timezone = timezone

    def render(self, slip: IssuedSlip) -> bytes:
        """Return the PDF of `slip`. The bytes hold the secrets: send them, never store them."""
        sheet = Sheet(self._zh(f"enrollment.slip.title.{slip.kind}"), author=self._zh("site.name"))
        self._head(sheet, slip)
        self._values(sheet, slip)
        self._where(sheet, slip)
        self._steps(sheet, slip)
        self._warning(sheet, slip)
        self._receipt(sheet, slip)
        return sheet.finish()

    def _head(self, sheet: Sheet, slip: IssuedSlip) -> None:
        sheet.text(LEFT, 18, self._zh("site.name"), Type(9, colour=FAINT))
        sheet.text(LEFT, 31, self._zh(f"enrollment.slip.title.{slip.kind}"), TITLE)
        sheet.text(
            LEFT, 38, self._en(f"enrollment.slip.title.{slip.kind}"), Type(10.5, colour=FAINT)
        )
        self._pair(sheet, LEFT, 49, f"enrollment.slip.holder.{slip.kind}")
        name = next((kind for kind in NAMES if kind.width(slip.display_name) < 250), NAMES[-1])
        sheet.paragraph(LEFT, 56, 132, slip.display_name, name)
        self._pair(sheet, LEFT, 70.5, "enrollment.slip.issued_at")
        sheet.text(LEFT + 31, 70.5, self._local(slip.issued_at), BODY)
        self._pair(sheet, 100, 70.5, "enrollment.slip.expires_at")
        sheet.text(131, 70.5, self._local(slip.expires_at), Type(9.2, bold=True))
        sheet.qr(154, 12, 40, QrCode.of(slip.pickup_url))
        sheet.text(174, 54, self._zh("enrollment.slip.scan"), Type(8.5), "centre")
        sheet.text(174, 58, self._en("enrollment.slip.scan"), SMALL, "centre")

    def _values(self, sheet: Sheet, slip: IssuedSlip) -> None:
        # A serial number is 20 digits; the 40 that RFC 5280 section 4.1.2.2 allows fit too.
        serial = VALUE if len(slip.serial_number) <= 20 else LONG_SERIAL
        rows = (
            ("username", [slip.username], VALUE),
            (f"password.{slip.kind}", [slip.initial_password], VALUE),
            ("serial_number", grouped(slip.serial_number), serial),
            ("download_password", [slip.download_password], VALUE),
        )
        y = 76.0
        for key, groups, kind in rows:
            sheet.rule(LEFT, RIGHT, y)
            sheet.text(LEFT, y + 7.4, self._zh(f"enrollment.slip.{key}"), LABEL)
            sheet.text(LEFT, y + 11.6, self._en(f"enrollment.slip.{key}"), SMALL)
            sheet.groups(VALUES, y + ROW / 2 + 2.2, groups, kind, 2.6)
            y += ROW
        sheet.rule(LEFT, RIGHT, y, weight=0.9, colour=INK)
        sheet.rule(LEFT, RIGHT, 76, weight=0.9, colour=INK)

    def _where(self, sheet: Sheet, slip: IssuedSlip) -> None:
        self._label(sheet, 150, "enrollment.slip.pickup_url")
        sheet.text(VALUES, 151.5, _without_query(slip.pickup_url), ADDRESS)
        self._label(sheet, 162, "enrollment.slip.root_fingerprint")
        fingerprint = grouped(slip.root_fingerprint_sha256)
        for line, start in enumerate(range(0, len(fingerprint), 8)):
            row = fingerprint[start : start + 8]
            sheet.groups(VALUES, 161.8 + line * 5.4, row, FINGERPRINT, 2.6)

    def _steps(self, sheet: Sheet, slip: IssuedSlip) -> None:
        sheet.rule(LEFT, RIGHT, 173)
        width = (RIGHT - LEFT - 12) / 3
        for number in (1, 2, 3):
            x = LEFT + (number - 1) * (width + 6)
            sheet.box(x, 178, 6, 6, fill=ACCENT, radius=3)
            sheet.text(x + 3, 182.2, str(number), Type(9.5, bold=True, colour=PAPER), "centre")
            key = f"enrollment.slip.step{number}"
            sheet.text(x + 8.5, 182.3, self._zh(f"{key}.title"), Type(10.5, bold=True))
            after = sheet.paragraph(x, 190, width, self._zh(f"{key}.text.{slip.kind}"), BODY)
            sheet.paragraph(x, after + 0.6, width, self._en(f"{key}.text.{slip.kind}"), SMALL)

    def _warning(self, sheet: Sheet, slip: IssuedSlip) -> None:
        sheet.box(LEFT, 219, RIGHT - LEFT, 17, fill=WASH)
        sheet.box(LEFT, 219, 1.6, 17, fill=ACCENT)
        key = f"enrollment.slip.guard.{slip.kind}"
        after = sheet.paragraph(LEFT + 6, 225, 162, self._zh(key), Type(9.4, bold=True))
        sheet.paragraph(LEFT + 6, after - 0.2, 162, self._en(key), SMALL)

    def _receipt(self, sheet: Sheet, slip: IssuedSlip) -> None:
        self._cut_line(sheet, 245)
        sheet.text(LEFT, 255, self._zh("enrollment.slip.receipt.title"), Type(13, bold=True))
        sheet.text(LEFT, 259.5, self._en("enrollment.slip.receipt.title"), SMALL)
        serial = " ".join(grouped(slip.serial_number))
        self._receipt_name(sheet, slip.display_name)
        sheet.text(VALUES, 259.5, f"{self._zh('enrollment.slip.username')}　{slip.username}", BODY)
        sheet.text(
            VALUES, 264.3, f"{self._zh('enrollment.slip.serial_number')}　{serial}", Type(8.6)
        )
        words = f"enrollment.slip.receipt.text.{slip.kind}"
        after = sheet.paragraph(LEFT, 271.5, RIGHT - LEFT, self._zh(words), Type(8.8))
        sheet.paragraph(LEFT, after - 0.2, RIGHT - LEFT, self._en(words), SMALL)
        for x, end, key in (
            (LEFT, 78.0, "recipient"),
            (84.0, 140.0, "officer"),
            (146.0, RIGHT, "date"),
        ):
            label = self._zh(f"enrollment.slip.receipt.{key}.{slip.kind}")
            sheet.text(x, 285, label, BODY)
            sheet.rule(x + BODY.width(label) + 2, end, 285.8, colour=INK)

    def _receipt_name(self, sheet: Sheet, name: str) -> None:
        one_line, two_lines = Type(9.6, bold=True), Type(7, bold=True)
        if one_line.width(name) <= RIGHT - VALUES:
            sheet.text(VALUES, 254.4, name, one_line)
        else:
            sheet.paragraph(VALUES, 251.4, RIGHT - VALUES, name, two_lines)

    def _cut_line(self, sheet: Sheet, y: float) -> None:
        caption = self._both("enrollment.slip.cut")
        half = SMALL.width(caption) / 2 + 4
        sheet.rule(8, 105 - half, y, colour=FAINT, dashed=True)
        sheet.rule(105 + half, 202, y, colour=FAINT, dashed=True)
        sheet.text(105, y + 0.9, caption, SMALL, "centre")

    def _label(self, sheet: Sheet, y: float, key: str) -> None:
        sheet.text(LEFT, y, self._zh(key), Type(9.6, bold=True))
        sheet.text(LEFT, y + 4, self._en(key), SMALL)

    def _pair(self, sheet: Sheet, x: float, y: float, key: str) -> None:
        zh = self._zh(key)
        sheet.text(x, y, zh, Type(9, colour=FAINT))
        sheet.text(x + Type(9).width(zh) + 2, y, self._en(key), SMALL)

    def _both(self, key: str) -> str:
        return f"{self._zh(key)}  ·  {self._en(key)}"

    def _local(self, moment: datetime) -> str:
        return moment.astimezone(self._timezone).strftime("%Y-%m-%d %H:%M")


def _without_query(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(query=""))
