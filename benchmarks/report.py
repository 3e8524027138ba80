"""Writing the table into the documentation, between two marks."""

import os
import platform
import ssl
from collections.abc import Sequence
from pathlib import Path

from benchmarks.table import Row, table

BEGIN = "<!-- begin: written by make bench -->"
END = "<!-- end -->"
EDGE_BEGIN = "<!-- begin edge: written by make bench -->"
EDGE_END = "<!-- end edge -->"
# Where each table stands.
MAIN = (BEGIN, END)
EDGE = (EDGE_BEGIN, EDGE_END)


def write_report(file: Path, rows: Sequence[Row], marks: tuple[str, str] = MAIN) -> None:
    """Replace what stands between the marks of `file`; raises ValueError without them."""
    text = file.read_text()
    opening, closing = marks
    before, begin, rest = text.partition(opening)
    _, end, after = rest.partition(closing)
    if not begin or not end:
        raise ValueError(f"{file} has no place for the table: {opening} ... {closing}")
    parts = [before + opening, machine(), table(rows), closing + after]
    file.write_text("\n\n".join(parts[:-1]) + "\n\n" + parts[-1])


def machine() -> str:
    """Return what the figures were taken on, without anything that identifies the machine."""
    return (
        f"{os.cpu_count()} processors ({platform.machine()}, {_processor()}), {platform.system()}, "
        f"Python {platform.python_version()}, {ssl.OPENSSL_VERSION.rsplit(' ', 3)[0]} in the "
        "standard library. Server and client share the processors."
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or "unknown"
