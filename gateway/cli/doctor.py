"""``certgate doctor``: is this installation well?"""

import typer

from gateway.cli.context import DEFAULT_DATA, AsJson, DataFolder, open_house
from gateway.cli.language import translator
from gateway.cli.output import print_document
from gateway.doctor import examine

_SIGNS = {"good": "✓", "note": "·", "wrong": "✗"}


def doctor(data: DataFolder = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Check keys, clock, CRLs, listeners, resumption, permissions; exit 1 when something is wrong.

    Listeners that do not answer are a note: the server may be stopped on purpose.
    """
    t = translator()
    findings = []
    with open_house(data) as house:
        for finding in examine(house):
            findings.append(finding)
            if not as_json:
                text = t(f"doctor.{finding.check}.{finding.outcome}", **finding.facts)
                typer.echo(f"{_SIGNS[finding.verdict]} {text}")
    if as_json:
        print_document(
            {
                "well": all(finding.verdict != "wrong" for finding in findings),
                "findings": [
                    {
                        "check": finding.check,
                        "verdict": finding.verdict,
                        "outcome": finding.outcome,
                        **finding.facts,
                    }
                    for finding in findings
                ],
            }
        )
    if any(finding.verdict == "wrong" for finding in findings):
        raise typer.Exit(1)
