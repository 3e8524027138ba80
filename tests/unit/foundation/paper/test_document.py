"""Sheets carry their own type and depend on their content alone."""

from reportlab.pdfbase.pdfmetrics import getFont
from reportlab.pdfbase.ttfonts import TTFont

from foundation.paper.document import Sheet, Type
from foundation.paper.fonts import BOLD, MONO, REGULAR, ensure_fonts


def sheet(text: str) -> bytes:
    page = Sheet("单位用户密码条", author="社保经办机构", size="A5")
    page.text(10, 10, text, Type(12))
    return page.finish()


def test_the_same_content_makes_the_same_bytes() -> None:
    assert sheet("武汉") == sheet("武汉") != sheet("汉口")


def test_the_type_is_embedded_and_no_other_is_named() -> None:
    pdf = sheet("武汉 喆堃")
    assert b"NotoSansSC-Regular" in pdf
    assert b"/FontFile2" in pdf
    assert b"Helvetica" not in pdf


def test_rare_characters_of_unit_names_have_glyphs() -> None:
    ensure_fonts()
    for name in (REGULAR, BOLD):
        font = getFont(name)
        assert isinstance(font, TTFont)
        assert all(ord(character) in font.face.charToGlyph for character in "喆堃䶮龑玥囍硚㙍")


def test_typed_values_tell_look_alikes_apart_by_equal_columns() -> None:
    kind = Type(12, mono=True)
    assert kind.font == MONO
    assert len({kind.width(character) for character in "0O1lI-W"}) == 1


def test_a_paragraph_ends_below_its_last_line() -> None:
    page = Sheet("t", author="a")
    one = page.paragraph(10, 20, 100, "短", Type(10))
    many = page.paragraph(10, 20, 20, "很长的一段文字需要好几行才能写完", Type(10))
    assert 20 < one < many
