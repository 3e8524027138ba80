"""A sheet of paper: text, rules and boxes placed from the top left, in millimetres.

reportlab measures in points from the bottom left. Forms are thought of from
the top, so every position here is "from the left edge, down from the top".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Literal, Self

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4, A5
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from foundation.paper.fonts import BOLD, MONO, REGULAR, ensure_fonts
from foundation.paper.qr import QrCode
from foundation.paper.wrapping import wrapped

INK = HexColor("#14181d")
FAINT = HexColor("#59626d")
RULE = HexColor("#c3c9d0")
ACCENT = HexColor("#173f75")
WASH = HexColor("#f1f4f8")
PAPER = HexColor("#ffffff")

_SIZES = {"A4": A4, "A5": A5}
_LEADING = 1.5
Align = Literal["left", "centre", "right"]


@dataclass(frozen=True)
class Type:
    """How a piece of text is set; `size` in points."""

    size: float
    bold: bool = False
    colour: Color = INK
    mono: bool = False

    @property
    def font(self) -> str:
        """The name reportlab knows the font by; `mono` has one weight and Latin only."""
        if self.mono:
            return MONO
        return BOLD if self.bold else REGULAR

    def width(self, text: str) -> float:
        """Return the width of `text` in millimetres."""
        return float(stringWidth(text, self.font, self.size)) / mm


class Sheet:
    """One page being drawn. Everything is in millimetres from the top left.

    The bytes depend on the content alone: no creation time goes in, so the
    same facts always make the same file.
    """

    def __init__(self, title: str, *, author: str, size: Literal["A4", "A5"] = "A4") -> None:
        ensure_fonts()
        self._file = BytesIO()
        self._width, self._height = _SIZES[size]
        self._canvas = Canvas(
            self._file,
            pagesize=(self._width, self._height),
            invariant=1,
            lang="zh-CN",
            initialFontName=REGULAR,  # type: ignore[arg-type]  # a name; the stub says float
        )
        self._canvas.setTitle(title)
        self._canvas.setAuthor(author)
        self._canvas.setViewerPreference("DisplayDocTitle", "true")

    @property
    def width(self) -> float:
        """Width of the page."""
        return self._width / mm

    @property
    def height(self) -> float:
        """Height of the page."""
        return self._height / mm

    def text(self, x: float, y: float, text: str, kind: Type, align: Align = "left") -> None:
        """Set one line whose baseline is `y` below the top."""
        self._canvas.setFont(kind.font, kind.size)
        self._canvas.setFillColor(kind.colour)
        draw = {
            "left": self._canvas.drawString,
            "centre": self._canvas.drawCentredString,
            "right": self._canvas.drawRightString,
        }[align]
        draw(x * mm, self._up(y), text)

    def paragraph(self, x: float, y: float, width: float, text: str, kind: Type) -> float:
        """Set wrapped text from the baseline `y`; return the baseline after the last line."""
        for line in wrapped(text, width, kind.width):
            self.text(x, y, line, kind)
            y += kind.size * _LEADING / mm
        return y

    def groups(self, x: float, y: float, groups: Sequence[str], kind: Type, gap: float) -> float:
        """Set groups of characters with a gap between them; return the right edge.

        The gaps are empty space, not characters: a value copied out of the
        PDF comes without them in most viewers.
        """
        for group in groups:
            self.text(x, y, group, kind)
            x += kind.width(group) + gap
        return x - gap

    def rule(
        self,
        x1: float,
        x2: float,
        y: float,
        *,
        colour: Color = RULE,
        weight: float = 0.5,
        dashed: bool = False,
    ) -> None:
        """Draw a horizontal line."""
        self._canvas.setDash(*((3, 2.5) if dashed else ()))
        self._canvas.setStrokeColor(colour)
        self._canvas.setLineWidth(weight)
        self._canvas.line(x1 * mm, self._up(y), x2 * mm, self._up(y))
        self._canvas.setDash()

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: Color | None = None,
        stroke: Color | None = None,
        weight: float = 0.5,
        radius: float = 0,
    ) -> None:
        """Draw a rectangle whose top left corner is given."""
        if fill is not None:
            self._canvas.setFillColor(fill)
        if stroke is not None:
            self._canvas.setStrokeColor(stroke)
            self._canvas.setLineWidth(weight)
        self._canvas.roundRect(
            x * mm,
            self._up(y + height),
            width * mm,
            height * mm,
            radius * mm,
            stroke=int(stroke is not None),
            fill=int(fill is not None),
        )

    def qr(self, x: float, y: float, side: float, code: QrCode) -> None:
        """Draw a QR code whose top left corner is given, quiet zone included."""
        self._canvas.setFillColor(INK)
        code.draw(self._canvas, x * mm, self._up(y + side), side * mm)

    def next_page(self) -> Self:
        """End this page and begin another of the same size."""
        self._canvas.showPage()
        return self

    def finish(self) -> bytes:
        """Close the document and return the PDF."""
        self._canvas.save()
        return self._file.getvalue()

    def _up(self, y: float) -> float:
        return float(self._height - y * mm)
