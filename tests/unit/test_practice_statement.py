"""The certification practice statement says the numbers that are in force (RFC 3647)."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATEMENT = (ROOT / "docs" / "cps.md").read_text(encoding="utf-8")
PARAMETERS = tomllib.loads((ROOT / "policies" / "parameters.toml").read_text(encoding="utf-8"))

# `table.name`: value, in text or in the next cell of a table.
_NAMED = re.compile(r"`([a-z]+)\.([a-z_]+)`(?:: | \| )(\d+(?: [a-z]+)?)")
_CHAPTERS = (
    "Introduction",
    "Publication and repository",
    "Identification and authentication",
    "Life cycle",
    "Facility, management and operation",
    "Technical controls",
    "Profiles",
    "Compliance audit",
    "Other matters",
)


def test_every_number_is_that_of_the_parameters() -> None:
    said = {f"{table}.{name}": value for table, name, value in _NAMED.findall(STATEMENT)}

    assert said == {key: _in_words(*key.split(".")) for key in said}


@pytest.mark.parametrize(
    "name",
    ["root", "issuing", "unit", "person", "officer", "server", "ocsp", "edge", "crl_validity"],
)
def test_every_lifetime_is_told(name: str) -> None:
    assert f"`certificates.{name}`" in STATEMENT


def test_what_is_named_is_also_told_with_its_number() -> None:
    named = set(re.findall(r"`([a-z]+\.[a-z_]+)`", STATEMENT)) - {"openssl.cnf"}

    assert named == {f"{table}.{name}" for table, name, _ in _NAMED.findall(STATEMENT)}


def test_the_chapters_are_those_of_rfc_3647() -> None:
    assert tuple(re.findall(r"^## \d (.+)$", STATEMENT, re.MULTILINE)) == _CHAPTERS


def _in_words(table: str, name: str) -> str:
    return str(PARAMETERS[table][name])
