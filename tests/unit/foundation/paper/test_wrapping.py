"""Lines break where Chinese and Latin text may break, and nowhere else."""

from hypothesis import given
from hypothesis import strategies as st

from foundation.paper.wrapping import wrapped


def lines(text: str, width: int) -> list[str]:
    return list(wrapped(text, width, len))


def test_chinese_breaks_between_any_two_characters() -> None:
    assert lines("单位用户密码条", 3) == ["单位用", "户密码", "条"]


def test_closing_punctuation_never_opens_a_line() -> None:
    assert lines("请妥善保管。谢谢", 5) == ["请妥善保", "管。谢谢"]


def test_opening_punctuation_never_ends_a_line() -> None:
    assert lines("领取《承诺书》", 3) == ["领取", "《承诺", "书》"]


def test_a_latin_word_stays_whole() -> None:
    assert lines("打开 Chrome 浏览器", 9) == ["打开 Chrome", "浏览器"]
    assert lines("打开 Chrome 浏览器", 7) == ["打开", "Chrome", "浏览器"]


@given(st.text(alphabet="单位用户密码条，。《》（）abc 12", max_size=60), st.integers(4, 20))
def test_no_character_is_lost(text: str, width: int) -> None:
    assert "".join(lines(text, width)).replace(" ", "") == text.replace(" ", "")
