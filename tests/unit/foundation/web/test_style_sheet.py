"""The style sheet's colours can be read in both schemes (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re

import pytest

from foundation.web.static_files import FOLDER

SOURCE = (FOLDER / "certgate.css").read_text(encoding="utf-8")
TEXT, CONTROL = 4.5, 3.0

PAIRS = [
    *[
        (ink, ground, TEXT)
        for ink in ("ink", "ink-soft", "brand", "bad")
        for ground in ("ground", "paper", "raised")
    ],
    *[("ink", f"{tone}-soft", TEXT) for tone in ("brand", "bad", "good", "warn")],
    *[(tone, f"{tone}-soft", TEXT) for tone in ("brand", "bad", "good", "warn")],
    *[
        ("on-button", button, TEXT)
        for button in ("button", "button-hover", "bad-button", "bad-button-hover")
    ],
    ("on-masthead", "masthead", TEXT),
    ("gold", "masthead", CONTROL),
    *[
        (sign, ground, CONTROL)
        for sign in ("line-strong", "focus")
        for ground in ("ground", "paper")
    ],
]  # fmt: skip


def tokens(source: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6});", source))


LIGHT = tokens(SOURCE[: SOURCE.index("@media (prefers-color-scheme: dark)")])
DARK = LIGHT | tokens(
    SOURCE[SOURCE.index("@media (prefers-color-scheme: dark)") : SOURCE.index("/* ---- ground")]
)


def luminance(colour: str) -> float:
    """Return the relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_colours_stand_out(scheme: dict[str, str], ink: str, ground: str, least: float) -> None:
    assert contrast(scheme[ink], scheme[ground]) >= least


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert not re.findall(r"url\(|@import|https?:", SOURCE)
