"""Photographs pages: full length, on a desk and on a phone, in few colours."""

import io
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize

SIZES: dict[str, ViewportSize] = {
    "desktop": {"width": 1280, "height": 800},
    "phone": {"width": 390, "height": 844},
}
# Flat pages need few colours; a palette makes the files a third as large.
_COLOURS = 80
# A long list says nothing new further down.
_TALLEST = 3000
# Wait for type, and put the cursor away.
_SETTLE = """async () => { await document.fonts.ready; document.activeElement?.blur(); }"""


@dataclass(frozen=True)
class Camera:
    """Saves ``<language>-<size>-<page>.png``, of each page the first time it is seen.

    With `phone_pages`, only these are photographed on a phone too.
    """

    folder: Path
    language: str
    dark_pages: frozenset[str] = frozenset()
    phone_pages: frozenset[str] | None = None
    seen: set[str] = field(default_factory=set)

    def __call__(self, page: Page, name: str) -> None:
        """Photograph `page` as `name`; the window is as before afterwards."""
        if name in self.seen:
            return
        self.seen.add(name)
        usual = page.viewport_size
        page.evaluate(_SETTLE)
        for size, viewport in SIZES.items():
            if size == "phone" and self.phone_pages is not None and name not in self.phone_pages:
                continue
            page.set_viewport_size(viewport)
            self._take(page, f"{self.language}-{size}-{name}")
            if name in self.dark_pages:
                page.emulate_media(color_scheme="dark")
                self._take(page, f"{self.language}-{size}-{name}-dark")
                page.emulate_media(color_scheme="light")
        if usual is not None:
            page.set_viewport_size(usual)

    def _take(self, page: Page, name: str) -> None:
        taken = page.screenshot(full_page=True, animations="disabled")
        with Image.open(io.BytesIO(taken)) as image:
            part = image.crop((0, 0, image.width, min(image.height, _TALLEST)))
            few_colours(part.convert("RGB")).save(self.folder / f"{name}.png", optimize=True)


def few_colours(image: Image.Image) -> Image.Image:
    """Return `image` in the colours it has most of, each exactly as it is.

    A page is flat: its commonest colours are those of the style sheet and the
    grey of its letters. Pillow's own choices merge the paper with the ground,
    or turn a small tag grey.
    """
    counted = image.getcolors(image.width * image.height) or []
    commonest = sorted(counted, reverse=True)[:_COLOURS]
    palette = Image.new("P", (1, 1))
    palette.putpalette([channel for _, colour in commonest for channel in _channels(colour)])
    return image.quantize(palette=palette, dither=Image.Dither.NONE)


def _channels(colour: object) -> tuple[int, int, int]:
    assert isinstance(colour, tuple)
    red, green, blue = colour
    return red, green, blue
