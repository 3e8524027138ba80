"""Every refusal of this package has its text in both languages."""

import re
from importlib.resources import files

from foundation.i18n.catalogues import read_catalogue
from policies.documents import POLICY_FOLDER

PLACEHOLDERS = re.compile(r"\{(\w+)\}")


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    locale = files("policies") / "locale"
    chinese, english = (read_catalogue(locale / f"{language}.po") for language in ("zh", "en"))
    assert chinese.keys() == english.keys()
    for key, text in chinese.items():
        assert sorted(PLACEHOLDERS.findall(text)) == sorted(PLACEHOLDERS.findall(english[key])), key


def test_every_password_code_has_a_text() -> None:
    source = (POLICY_FOLDER / "passwords.py").read_text(encoding="utf-8")
    codes = set(re.findall(r'"(password-[a-z-]+)"', source))
    texts = read_catalogue(files("policies") / "locale" / "zh.po")
    assert len(codes) == 8
    assert {f"error.{code}" for code in codes} <= texts.keys()
