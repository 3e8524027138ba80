"""QR codes (ISO/IEC 18004) as a matrix, as vectors in a PDF and as SVG in a page."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode
from reportlab.pdfgen.canvas import Canvas

QUIET_ZONE = 4
"""Empty modules on each side, as ISO/IEC 18004 section 9.1 asks."""


@dataclass(frozen=True)
class DarkRun:
    """Adjacent dark modules of one row."""

    row: int
    column: int
    length: int


@dataclass(frozen=True)
class QrCode:
    """A QR code of `size` x `size` modules, quiet zone included."""

    size: int
    runs: tuple[DarkRun, ...]

    @classmethod
    def of(cls, content: str) -> "QrCode":
        """Encode `content` at error correction level M."""
        code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE)
        code.add_data(content)
        code.make(fit=True)
        matrix = code.get_matrix()
        return cls(len(matrix), tuple(_dark_runs(matrix)))

    def draw(self, canvas: Canvas, left: float, bottom: float, side: float) -> None:
        """Draw into a square of `side` points whose lower left corner is given."""
        module = side / self.size
        path = canvas.beginPath()
        for run in self.runs:
            path.rect(
                left + run.column * module,
                bottom + (self.size - run.row - 1) * module,
                run.length * module,
                module,
            )
        canvas.drawPath(path, stroke=0, fill=1)

    def svg(self) -> str:
        """Return an SVG document, dark on white whatever the scheme of the page."""
        path = "".join(
            f"M{run.column} {run.row}h{run.length}v1h-{run.length}z" for run in self.runs
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.size} {self.size}" '
            'shape-rendering="crispEdges">'
            f'<path fill="#fff" d="M0 0h{self.size}v{self.size}H0z"/><path d="{path}"/></svg>'
        )

    def data_uri(self) -> str:
        """Return the SVG for the ``src`` of an image (``img-src data:``)."""
        return "data:image/svg+xml;base64," + b64encode(self.svg().encode()).decode()


def _dark_runs(matrix: Sequence[Sequence[bool | None]]) -> Iterator[DarkRun]:
    for row, modules in enumerate(matrix):
        column = 0
        for dark, group in groupby(modules, key=bool):
            length = len(list(group))
            if dark:
                yield DarkRun(row, column, length)
            column += length
