"""The catalogues are whole: both languages, nothing missing, nothing left over."""

import re
from collections import Counter
from pathlib import Path

import pytest

from foundation.i18n import LANGUAGES, Catalogues
from foundation.i18n.translator import PLACEHOLDER
from tests.support.texts import PACKAGES, ROOT, asked_for, place

CATALOGUES = sorted(ROOT.glob("*/locale/*.po"))


@pytest.fixture(scope="module")
def catalogues() -> Catalogues:
    return Catalogues.load(PACKAGES)


def test_every_text_that_is_asked_for_exists(catalogues: Catalogues) -> None:
    missing = [
        f"{language}: {key} ({where})"
        for key, where in sorted(asked_for().keys.items())
        for language in LANGUAGES
        if key not in catalogues.texts[language]
    ]
    assert not missing, "\n".join(missing)


def test_every_text_exists_in_both_languages(catalogues: Catalogues) -> None:
    zh, en = (set(catalogues.texts[language]) for language in LANGUAGES)
    assert zh == en, f"in one language only: {sorted(zh ^ en)}"


def test_both_languages_ask_for_the_same_values(catalogues: Catalogues) -> None:
    zh, en = (catalogues.texts[language] for language in LANGUAGES)
    different = [
        key
        for key in sorted(zh.keys() & en.keys())
        if set(PLACEHOLDER.findall(zh[key])) != set(PLACEHOLDER.findall(en[key]))
    ]
    assert not different


def test_no_text_is_left_over(catalogues: Catalogues) -> None:
    asked = asked_for()
    unused = [key for key in sorted(catalogues.texts["zh"]) if not asked.knows(key)]
    assert not unused, f"nobody asks for: {unused}"


@pytest.mark.parametrize("path", CATALOGUES, ids=place)
def test_no_catalogue_defines_a_key_twice_or_leaves_it_empty(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    keys = Counter(re.findall(r'^msgid "(.+)"$', source, re.MULTILINE))
    assert [key for key, times in keys.items() if times > 1] == []
    assert re.findall(r'^msgid "(.+)"\nmsgstr ""\n(?!")', source, re.MULTILINE) == []
