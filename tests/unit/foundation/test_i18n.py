"""Texts are looked up by key, in the language the reader asked for."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.i18n import (
    CatalogueError,
    Catalogues,
    MissingText,
    Translator,
    negotiate_language,
)

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("sample_")]:
        del sys.modules[name]


def make_package(folder: Path, name: str, **texts: str) -> None:
    locale = folder / name / "locale"
    locale.mkdir(parents=True)
    (folder / name / "__init__.py").touch()
    for language, body in texts.items():
        (locale / f"{language}.po").write_text(HEADER + body, encoding="utf-8")


def test_a_text_is_filled_in() -> None:
    t = Translator("en", {"greeting": "Hello {name}, {count} tasks"}, strict=True)
    assert t("greeting", name="Li", count=3) == "Hello Li, 3 tasks"


def test_braces_in_a_value_are_not_placeholders() -> None:
    t = Translator("en", {"echo": "{value}"}, strict=True)
    assert t("echo", value="{value.__class__}") == "{value.__class__}"


def test_strictly_a_gap_is_an_error() -> None:
    t = Translator("en", {"greeting": "Hello {name}"}, strict=True)
    with pytest.raises(MissingText, match="absent"):
        t("absent")
    with pytest.raises(MissingText, match="name"):
        t("greeting")


def test_in_service_a_gap_shows_the_key() -> None:
    t = Translator("en", {"greeting": "Hello {name}"})
    assert t("absent") == "absent"
    assert t("greeting") == "Hello {name}"


def test_the_first_key_that_has_a_text_is_taken() -> None:
    t = Translator("en", {"general": "General", "special": "Special"}, strict=True)
    assert t.first("special", "general") == "Special"
    assert t.first("absent", "general") == "General"


def test_catalogues_of_packages_are_put_together(packages: Path) -> None:
    make_package(packages, "sample_one", zh='msgid "one.a"\nmsgstr "一"\n')
    make_package(packages, "sample_two", zh='msgid "two.a"\nmsgstr "二"\n')
    catalogues = Catalogues.load(["sample_one", "sample_two"], strict=True)
    t = catalogues.translator("zh")
    assert (t("one.a"), t("two.a")) == ("一", "二")


def test_two_packages_may_share_a_text_but_not_disagree(packages: Path) -> None:
    make_package(packages, "sample_four", zh='msgid "same"\nmsgstr "一"\n')
    make_package(packages, "sample_five", zh='msgid "same"\nmsgstr "一"\n')
    make_package(packages, "sample_six", zh='msgid "same"\nmsgstr "三"\n')
    t = Catalogues.load(["sample_four", "sample_five"], strict=True).translator("zh")
    assert t("same") == "一"
    with pytest.raises(CatalogueError, match="same"):
        Catalogues.load(["sample_four", "sample_six"])


def test_a_file_that_is_no_catalogue_refuses_to_start(packages: Path) -> None:
    make_package(packages, "sample_broken", zh='msgid "a\nnonsense')
    with pytest.raises(CatalogueError):
        Catalogues.load(["sample_broken"])


def test_an_unknown_language_gets_chinese() -> None:
    catalogues = Catalogues({"zh": {"a": "甲"}, "en": {"a": "A"}}, strict=True)
    assert catalogues.translator("fr")("a") == "甲"


@pytest.mark.parametrize(
    ("wanted", "remembered", "accept_language", "language"),
    [
        (None, None, "", "zh"),
        (None, None, "fr, de;q=0.5", "zh"),
        (None, None, "en-GB,en;q=0.9,zh;q=0.8", "en"),
        (None, None, "en;q=0.2, zh-CN;q=0.9", "zh"),
        (None, None, "en;q=0", "zh"),
        (None, None, "en;q=nonsense", "zh"),
        (None, None, "en;q=nan", "zh"),
        (None, "en", "zh", "en"),
        ("zh", "en", "en", "zh"),
        ("xx", "en", "zh", "en"),
        ("../..", "\x00", "zh", "zh"),
    ],
)
def test_wish_then_cookie_then_header_then_chinese(
    wanted: str | None, remembered: str | None, accept_language: str, language: str
) -> None:
    assert (
        negotiate_language(wanted=wanted, remembered=remembered, accept_language=accept_language)
        == language
    )
