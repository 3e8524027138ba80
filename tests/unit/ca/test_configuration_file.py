"""The reader of OpenSSL's configuration language reads as config(5) says, or refuses."""

import pytest

from ca.errors import ProfileError
from ca.profiles.configuration_file import ConfigurationFile


def read(text: str, **environment: str) -> ConfigurationFile:
    return ConfigurationFile.parse(text, environment)


def test_reads_sections_comments_and_continued_lines() -> None:
    file = read("# note\n[ one ]\nfirst = a, \\\n  b # why\n\nsecond=c\n[two]\n")
    assert dict(file.section("one")) == {"first": "a,   b", "second": "c"}
    assert dict(file.section("two")) == {}


def test_keeps_the_order_of_settings() -> None:
    assert list(read("[one]\nz = 1\na = 2\nm = 3").section("one")) == ["z", "a", "m"]


@pytest.mark.parametrize("spelling", ["$name", "${name}", "${one::name}", "$one::name"])
def test_replaces_variables(spelling: str) -> None:
    file = read(f"[one]\nname = value\nuser = <{spelling}>")
    assert file.section("one")["user"] == "<value>"


def test_a_variable_of_the_own_section_wins_over_the_default_section() -> None:
    file = read("name = outer\n[one]\nname = inner\nuser = $name\n[two]\nuser = $name")
    assert file.section("one")["user"] == "inner"
    assert file.section("two")["user"] == "outer"


def test_the_environment_wins_over_the_default_section() -> None:
    text = "URL = default\n[one]\nuser = ${ENV::URL}/crl"
    assert read(text, URL="set").section("one")["user"] == "set/crl"
    assert read(text).section("one")["user"] == "default/crl"


def test_a_value_is_not_read_a_second_time() -> None:
    file = read("[one]\nuser = ${ENV::URL}", URL="$other # no comment")
    assert file.section("one")["user"] == "$other # no comment"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[one]\nuser = $missing", "has no value"),
        ("[one]\nuser = ${ENV::missing}", "has no value"),
        ("[one]\nuser = ${}", "is no variable"),
        ("[one]\nuser = 5 $", "is no variable"),
        ("[one]\n[one]", "appears twice"),
        ("[one]\na = 1\na = 2", "is set twice"),
        ("[one]\na = 'quoted'", "not supported"),
        ("[one]\na = es\\caped", "not supported"),
        (".include other.cnf", "cannot be understood"),
        ("[one\n", "cannot be understood"),
        ("[one]\na = 1, \\", "ends inside"),
    ],
)
def test_refuses_what_it_does_not_understand(text: str, words: str) -> None:
    with pytest.raises(ProfileError, match=words):
        read(text)


def test_a_refusal_names_the_line() -> None:
    with pytest.raises(ProfileError, match="line 3:"):
        read("# one\n[two]\nthree")


def test_a_missing_section_is_refused() -> None:
    with pytest.raises(ProfileError, match=r"\[two\] is missing"):
        read("[one]").section("two")
