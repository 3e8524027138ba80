"""Reader of the part of OpenSSL's configuration language that `openssl.cnf` uses.

Sections, ``name = value``, comments, lines continued with a backslash, and
variables: ``$name``, ``${name}``, ``${section::name}`` and ``${ENV::name}``,
the last falling back to the default section as config(5) describes. Directives,
quotes and escapes are refused, so nothing is read otherwise than the `openssl`
command reads it.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ca.errors import ProfileError

DEFAULT_SECTION = "default"

_SECTION = re.compile(r"\[\s*([A-Za-z0-9_]+)\s*\]")
_SETTING = re.compile(r"([A-Za-z0-9_]+)\s*=\s*(.*)")
_VARIABLE = re.compile(
    r"\$(?:\{(?P<braced>[^}]*)\}|(?P<plain>[A-Za-z0-9_]+(?:::[A-Za-z0-9_]+)?))|(?P<bad>\$)"
)
_VARIABLE_NAME = re.compile(r"(?:(?P<section>[A-Za-z0-9_]+)::)?(?P<name>[A-Za-z0-9_]+)")

Section = Mapping[str, str]


class ConfigurationFile:
    """The sections of one file, variables already replaced."""

    def __init__(self, sections: Mapping[str, Section]) -> None:
        self._sections = sections

    @classmethod
    def parse(cls, text: str, environment: Mapping[str, str]) -> "ConfigurationFile":
        """Read `text`; `environment` is what ``ENV::`` stands for. Raises `ProfileError`."""
        return cls(_Parser(environment).parse(text))

    def section(self, name: str) -> Section:
        """Return the settings of a section in their order; raises `ProfileError`."""
        try:
            return self._sections[name]
        except KeyError:
            raise ProfileError(f"section [{name}] is missing") from None


def read_configuration(path: Path) -> str:
    """Return the text of a configuration file; raises `ProfileError` when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        raise ProfileError(f"{path}: cannot be read: {failure}") from failure


class _Parser:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._sections: dict[str, dict[str, str]] = {DEFAULT_SECTION: {}}
        self._current = DEFAULT_SECTION

    def parse(self, text: str) -> Mapping[str, Section]:
        for number, line in _logical_lines(text):
            try:
                self._take(line)
            except ProfileError as problem:
                raise ProfileError(f"line {number}: {problem}") from None
        return self._sections

    def _take(self, line: str) -> None:
        if heading := _SECTION.fullmatch(line):
            self._open_section(heading[1])
        elif setting := _SETTING.fullmatch(line):
            self._set(setting[1], setting[2])
        else:
            raise ProfileError(f"cannot be understood: {line!r}")

    def _open_section(self, name: str) -> None:
        if name in self._sections:
            raise ProfileError(f"section [{name}] appears twice")
        self._sections[name] = {}
        self._current = name

    def _set(self, name: str, raw_value: str) -> None:
        section = self._sections[self._current]
        if name in section:
            raise ProfileError(f"{name} is set twice in [{self._current}]")
        if any(character in raw_value for character in "\"'\\"):
            raise ProfileError(f"{name}: quotes and escapes are not supported")
        section[name] = _VARIABLE.sub(self._value_of, raw_value)

    def _value_of(self, found: re.Match[str]) -> str:
        name = _VARIABLE_NAME.fullmatch(found["braced"] or found["plain"] or "")
        if name is None:
            raise ProfileError(f"{found[0]!r} is no variable")
        return self._look_up(name["section"] or self._current, name["name"])

    def _look_up(self, section: str, name: str) -> str:
        # The order of config(5): the section named, the environment when that
        # section is ENV, and at last the default section.
        candidates: list[Section] = [self._sections.get(section, {})]
        if section == "ENV":
            candidates.append(self._environment)
        candidates.append(self._sections[DEFAULT_SECTION])
        for candidate in candidates:
            if name in candidate:
                return candidate[name]
        raise ProfileError(f"variable {section}::{name} has no value")


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield (number of the first line, content) with continuations joined."""
    pending, first = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not pending:
            first = number
        if line.endswith("\\"):
            pending += line[:-1]
            continue
        content = (pending + line).partition("#")[0].strip()
        pending = ""
        if content:
            yield first, content
    if pending:
        raise ProfileError(f"line {first}: the file ends inside a continued line")
