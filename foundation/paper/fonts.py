"""The type that paper is set in, embedded as subsets.

Noto Sans SC for words; IBM Plex Mono for values that are typed from paper,
because it tells 0 from O and 1 from l and I, and its columns can be counted.

The files stand beside this module so that a sheet looks the same on every
machine and in every viewer, whatever fonts are installed there. They are read
when the first sheet is made, not at import: a process that never prints does
not pay for them.
"""

from functools import cache
from pathlib import Path

from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont

REGULAR = "NotoSansSC-Regular"
BOLD = "NotoSansSC-Bold"
MONO = "IBMPlexMono-SemiBold"

_FOLDER = Path(__file__).parent / "fonts"


@cache
def ensure_fonts() -> None:
    """Make the fonts known to reportlab; repeated calls cost nothing."""
    for name in (REGULAR, BOLD, MONO):
        registerFont(TTFont(name, _FOLDER / f"{name}.ttf"))
