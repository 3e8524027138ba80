"""Run the benchmarks: ``python -m benchmarks [--scale S] [--only SUBJECT] [--write FILE]``."""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import (
    bulk_issuance,
    crl,
    csr_enrolment,
    csr_postgresql,
    footprint,
    inventory,
    issuance,
    login,
    ocsp,
    pickup,
    request,
    revocation,
)
from benchmarks.edge import request as edge_request
from benchmarks.edge.revocation import rows as edge_revocation
from benchmarks.installation import Installation, running_installation
from benchmarks.measuring import Effort
from benchmarks.report import EDGE, MAIN, write_report
from benchmarks.table import Row, table

SUBJECTS = (
    "issuance",
    "bulk",
    "pickup",
    "login",
    "request",
    "revocation",
    "crl",
    "ocsp",
    "inventory",
    "footprint",
)
# These install other people's CAs first, from the package index and the Go module proxy.
WITH_PEERS = ("csr",)
# These have a table of their own in the report; `edge` installs peers too.
AT_THE_EDGE = ("edge", "edge-revocation")

_REVOCATIONS = 50
_EDGE_REVOCATIONS = 200


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the table, and write it where asked."""
    asked = _parser().parse_args(arguments)
    effort = Effort(
        rounds=max(1, round(7 * asked.scale)), seconds=0.6 * min(1, asked.scale), most=2_000
    )
    subjects = asked.only or SUBJECTS + WITH_PEERS + AT_THE_EDGE
    for marks, chosen in ((MAIN, SUBJECTS + WITH_PEERS), (EDGE, AT_THE_EDGE)):
        wanted = [subject for subject in subjects if subject in chosen]
        if not wanted:
            continue
        rows = run(wanted, effort, max(1, round(_REVOCATIONS * asked.scale)), asked.scale)
        print(table(rows))
        if asked.write is not None:
            write_report(asked.write, rows, marks)


def run(subjects: Sequence[str], effort: Effort, revocations: int, scale: float = 1.0) -> list[Row]:
    """Measure `subjects`, each on an installation of its own, and return the rows."""
    with_server: dict[str, Callable[[Installation], list[Row]]] = {
        "edge": lambda installation: edge_request.measure(installation, effort),
        "csr": lambda installation: csr_enrolment.measure(installation, effort),
        "pickup": lambda installation: pickup.measure(installation, effort),
        "login": lambda installation: login.measure(installation, effort),
        "request": lambda installation: request.measure(installation, effort),
        "revocation": lambda installation: revocation.measure(installation, revocations),
        "footprint": lambda installation: footprint.measure(
            installation, min(3, effort.rounds), idle_seconds=effort.seconds * 10
        ),
    }
    rows: list[Row] = []
    for subject in subjects:
        with tempfile.TemporaryDirectory(prefix="certgate-bench-") as name:
            folder = Path(name)
            if subject == "issuance":
                rows += issuance.measure(folder, effort)
            elif subject == "bulk":
                rows += bulk_issuance.measure(folder, effort)
            elif subject == "ocsp":
                rows += ocsp.measure(folder, effort)
            elif subject == "crl":
                rows += crl.measure(folder, effort)
            elif subject == "inventory":
                rows += inventory.measure(folder, effort)
            elif subject == "edge-revocation":
                rows += edge_revocation.measure(max(8, round(_EDGE_REVOCATIONS * scale)))
            else:
                with running_installation(folder) as installation:
                    rows += with_server[subject](installation)
            if subject == "csr":
                rows += csr_postgresql.measure(folder / "postgresql", effort)
    return rows


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure CertGate.")
    parser.add_argument("--scale", type=float, default=1.0, help="1 takes a few minutes")
    parser.add_argument(
        "--only",
        action="append",
        choices=SUBJECTS + WITH_PEERS + AT_THE_EDGE,
        help="may be repeated",
    )
    parser.add_argument("--write", type=Path, help="write the table into this Markdown file")
    return parser


if __name__ == "__main__":
    main()
