"""Kinds of values that settings of several subjects have."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

LARGEST_PORT = 65_535
Port = Annotated[int, Field(ge=1, le=LARGEST_PORT)]
HostName = Annotated[str, Field(min_length=1, max_length=253)]


def first_line(secret: Path) -> str:
    """Return what a secret's file says; raises `ValueError`, which never shows it."""
    try:
        line = secret.read_text().partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as unreadable:
        raise ValueError(f"{secret} cannot be read") from unreadable
    if not line:
        raise ValueError(f"{secret} is empty")
    return line
