"""Rules that hold in the templates of all packages."""

import re
from pathlib import Path

import pytest

from tests.support.texts import place, source_files

TEMPLATES = [path for path in source_files("*.html") if "templates" in path.parts]
# The answers that HAProxy gives by itself: their policy allows one style sheet, by its
# hash (tests/integration/edge/test_answers.py).
BY_HASH = {"gateway/edge/rendering/templates/refusal.html"}
BASES = {"layout.html", "fields.html", "components.html"}


@pytest.mark.parametrize("path", TEMPLATES, ids=place)
def test_nothing_needs_more_than_the_content_security_policy_gives(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.findall(r"\sstyle\s*=", source), "inline style"
    assert not re.findall(r"\son[a-z]+\s*=", source), "inline handler"
    assert not re.findall(r"<script(?![^>]*\ssrc=)", source), "inline script"
    assert place(path) in BY_HASH or not re.findall(r"<style", source), "inline style sheet"
    assert not re.findall(r"hx-on|js:|javascript:", source), "evaluated text"


@pytest.mark.parametrize("path", TEMPLATES, ids=place)
def test_every_form_that_changes_something_carries_the_token(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for form in re.findall(r"<form\b[^>]*>.*?</form>", source, re.DOTALL):
        opening = form[: form.index(">")].lower()
        if 'method="post"' in opening:
            assert "form_token_field()" in form, opening


@pytest.mark.parametrize("path", TEMPLATES, ids=place)
def test_parts_are_imported_with_the_readers_language(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for imported in re.findall(r"\{%-?\s*(?:from|import)\s.*?%\}", source, re.DOTALL):
        assert "with context" in imported, imported


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path.name not in BASES], ids=place)
def test_texts_live_in_catalogues(path: Path) -> None:
    source = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.findall(r"[\u4e00-\u9fff]+", source)
