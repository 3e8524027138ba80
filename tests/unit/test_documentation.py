"""What the documents point at is there, and what there is to know about is in them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from foundation.settings import Settings
from gateway.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ROOMS = ("foundation", "policies", "ca", "enrollment", "workflow_core", "gateway", "tests", "docs")
KINDS_OF_TESTS = ("unit", "integration", "conformance", "properties", "browser", "faults")

_LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
_CODE = re.compile(r"`([\w./-]+)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(document: Path) -> None:
    targets = _LINK.findall(document.read_text(encoding="utf-8"))

    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_that_is_named_exists(document: Path) -> None:
    named = list(paths_named_in(document))

    assert [path.relative_to(ROOT).as_posix() for path in named if not path.exists()] == []


def test_every_setting_is_explained() -> None:
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

    missing = [
        name for name in Settings.model_fields if f"`CERTGATE_{name.upper()}`" not in operations
    ]

    assert missing == []


def test_every_command_is_explained() -> None:
    table = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").split("## Commands")[1]

    assert [name for name in commands() if not re.search(rf"`[^`\n]*\b{name}\b", table)] == []


def paths_named_in(document: Path) -> Iterator[Path]:
    """Yield what looks like a file or folder of ours in code type."""
    for text in _CODE.findall(document.read_text(encoding="utf-8")):
        first, _, rest = text.partition("/")
        if first in ROOMS and rest and document.name != "CHANGELOG.md":
            yield ROOT / text
        elif first in KINDS_OF_TESTS and rest.endswith(".py"):
            yield ROOT / "tests" / text


def commands() -> Iterator[str]:
    """Yield the name of every command and subcommand."""
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        yield from getattr(command.load(), "commands", {name: command})
