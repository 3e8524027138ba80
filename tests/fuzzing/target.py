"""What a target is, and where targets are found."""

import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

_TARGETS = Path(__file__).parent / "targets"


@dataclass(frozen=True)
class Target:
    """One reader of bytes from outside.

    `examine` returns for whatever is read or refused as it should be; what it
    raises is a finding. `seeds` are honest inputs to begin with; `words` are
    what the syntax is made of; `longest` bounds the inputs tried, in octets.
    """

    examine: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    words: tuple[bytes, ...] = ()
    longest: int = 4_096


def target_names() -> list[str]:
    """Return the names of all targets, which are those of their files."""
    return sorted(module.name for module in pkgutil.iter_modules([str(_TARGETS)]))


def load_target(name: str) -> Target:
    """Return a target; only its own file is imported."""
    return cast(Target, import_module(f"tests.fuzzing.targets.{name}").TARGET)
