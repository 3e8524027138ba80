"""One application behind the edge: where it is reached, where it runs, whom it is for.

Everything here ends up in HAProxy's configuration, which is read in words and
lines. So each value is held to the characters that its standard needs, and
none of them is a space, a quote, a backslash, a bracket or a line feed.
"""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from foundation.settings import LARGEST_PORT

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
# RFC 1123 section 2.1, in lower case, as the edge compares it.
HostName = Annotated[
    str,
    Field(
        max_length=253,
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?$",
    ),
]
# Under /apps/ only: no application stands in the way of a page of the portal.
PathPrefix = Annotated[
    str, Field(max_length=200, pattern=r"^/apps/[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)*$")
]
PlainPath = Annotated[str, Field(max_length=200, pattern=r"^(/[A-Za-z0-9][A-Za-z0-9._-]*)+$|^/$")]
Upstream = Annotated[
    str, Field(pattern=r"^https?://[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?:[1-9][0-9]{0,4}$")
]
CaFile = Annotated[str, Field(max_length=200, pattern=r"^/[A-Za-z0-9._+@/-]+$")]
Url = Annotated[str, Field(max_length=500, pattern=r"^https://[A-Za-z0-9._~:/?&=%-]+$")]
Role = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Kind = Literal["unit", "officer", "person"]
UnitClass = Literal["ordinary", "vip"]


class Application(BaseModel):
    """An application, as ``[[application]]`` of ``routes.toml`` says it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    host: HostName | None = None
    path: PathPrefix | None = None
    upstream: Annotated[tuple[Upstream, ...], Field(min_length=1, max_length=32)]
    ca_file: CaFile | None = None
    roles: Annotated[tuple[Role, ...], Field(max_length=16)] = ()
    kinds: tuple[Kind, ...] = ()
    unit_classes: tuple[UnitClass, ...] = ()
    everybody: bool = False
    websockets: bool = False
    strip_path: bool = False
    client_certificate: bool = False
    health: PlainPath | None = None
    largest_body_kilobytes: Annotated[int, Field(ge=1, le=4_194_304)] = 10_240
    logout_url: Url | None = None
    client_id: Annotated[str, Field(max_length=100, pattern=r"^[A-Za-z0-9._~-]+$")] | None = None

    @field_validator("upstream")
    @classmethod
    def _real_ports(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            if int(one.rpartition(":")[2]) > LARGEST_PORT:
                raise ValueError("no such port")
        return value

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.host is None) == (self.path is None):
            raise ValueError("an application has a host or a path")
        if self.strip_path and self.path is None:
            raise ValueError("strip_path goes with path")
        return self

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        # Deny by default: a forgotten line must not open an application to all.
        if self.everybody == bool(self.roles or self.kinds or self.unit_classes):
            raise ValueError("needs kinds, roles or unit_classes, or else everybody = true")
        if self.unit_classes and self.kinds and "unit" not in self.kinds:
            raise ValueError("unit_classes goes with the kind unit")
        return self

    @model_validator(mode="after")
    def _one_scheme(self) -> Self:
        if len({urlsplit(one).scheme for one in self.upstream}) > 1:
            raise ValueError("all upstreams are http or all are https")
        if self.is_secured != (self.ca_file is not None):
            raise ValueError("ca_file goes with https upstreams")
        return self

    @property
    def is_secured(self) -> bool:
        """Whether the edge speaks TLS to it."""
        return self.upstream[0].startswith("https://")

    @property
    def upstream_addresses(self) -> tuple[str, ...]:
        """Host and port of each upstream, as the rendered configuration names its servers."""
        return tuple(one.partition("://")[2] for one in self.upstream)
