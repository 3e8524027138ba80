"""What an edge is called, whom it passes requests to, and what it keeps."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, field_validator
from pydantic_settings import NoDecode

from foundation.settings.kinds import LARGEST_PORT

# A name or an IPv4 address, and a port.
NodeAddress = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?:[1-9][0-9]{0,4}$")
]


class EdgeSettings(BaseModel):
    """Of an edge: its name among the edges, its nodes, its files, and whom it serves."""

    edge_name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")] = "edge-1"
    edge_nodes: Annotated[tuple[NodeAddress, ...], NoDecode] = ()
    # Without them names are looked up once, at the start.
    edge_nameservers: Annotated[tuple[NodeAddress, ...], NoDecode] = ()
    edge_state: Path | None = None
    routes: Path | None = None

    @field_validator("edge_nodes", "edge_nameservers", mode="before")
    @classmethod
    def _listed_nodes(cls, value: object) -> object:
        # One line of an environment file: a:1, b:2.
        if isinstance(value, str):
            return tuple(one.strip() for one in value.split(",") if one.strip())
        return value

    @field_validator("edge_nodes", "edge_nameservers")
    @classmethod
    def _ports_of_nodes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(int(one.rpartition(":")[2]) > LARGEST_PORT for one in value):
            raise ValueError("no such port")
        return value
