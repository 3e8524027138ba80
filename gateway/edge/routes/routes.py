"""``routes.toml``, read and checked as a whole."""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from foundation.errors import Invalid
from gateway.edge.routes.application import Application


class RoutesError(Invalid):
    """``routes.toml`` cannot be used; the text says where and why."""

    def __init__(self, problem: str) -> None:
        super().__init__("routes-invalid", problem=problem)
        self.args = (problem,)


class Routes(BaseModel):
    """Every application behind the edge; none is a portal alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # Each costs a few comparisons of every request.
    applications: Annotated[tuple[Application, ...], Field(max_length=100)] = Field(
        default=(), alias="application"
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for what in ("name", "host", "path"):
            values = Counter(getattr(one, what) for one in self.applications)
            twice = [value for value, times in values.items() if value is not None and times > 1]
            if twice:
                raise ValueError(f"two applications have the {what} {twice[0]}")
        return self

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read `file`; no applications when there is none. Raises `RoutesError`."""
        try:
            document = tomllib.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls()
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as unreadable:
            raise RoutesError(f"{file}: {unreadable}") from unreadable
        try:
            return cls.model_validate(document)
        except ValidationError as wrong:
            first = wrong.errors(include_input=False, include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise RoutesError(f"{file}: {where}: {first['msg']}") from wrong

    def hosts(self) -> frozenset[str]:
        """Return the hosts that applications have for themselves."""
        return frozenset(one.host for one in self.applications if one.host is not None)

    def by_path(self) -> tuple[Application, ...]:
        """Return those on the portal's own host, the longest path first."""
        found = [one for one in self.applications if one.path is not None]
        return tuple(sorted(found, key=lambda one: -len(one.path or "")))
