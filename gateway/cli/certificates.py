"""``certgate certificate``: the inventory."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from ca.inventory import CertificateSummary
from gateway.cli.context import DEFAULT_DATA, AsJson, DataFolder, open_house
from gateway.cli.output import print_document, print_result, print_table

app = typer.Typer(no_args_is_help=True, help="Certificates: list and show.")


@app.command("list")
def find(
    username: Annotated[str | None, typer.Option(help="Only this subscriber's.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many at most.")] = 50,
    after: Annotated[str | None, typer.Option(help="The `next` of the page before.")] = None,
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """List certificates, newest first."""
    with open_house(data) as house, house.database.reading() as session:
        page = house.certification.inventory.find(
            session, subscribers=[username] if username else None, after=after, limit=limit
        )
    if as_json:
        print_document({"items": [_document(item) for item in page.items], "next": page.next})
        return
    print_table(
        (item.serial_number, item.state, item.profile, item.subscriber, _time(item.not_after))
        for item in page.items
    )


@app.command()
def show(
    serial_number: Annotated[str, typer.Argument(help="The serial number in hex.")],
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Show one certificate."""
    with open_house(data) as house, house.database.reading() as session:
        summary = house.credentials.get(session, serial_number).certificate
        print_result(_document(summary), as_json)


def _document(certificate: CertificateSummary) -> dict[str, object]:
    return {
        "serial_number": certificate.serial_number,
        "state": certificate.state,
        "profile": certificate.profile,
        "subscriber": certificate.subscriber,
        "subject": certificate.subject,
        "not_before": _time(certificate.not_before),
        "not_after": _time(certificate.not_after),
        "fingerprint_sha256": certificate.fingerprint_sha256,
        "revoked_at": _time(certificate.revoked_at),
        "reason": certificate.reason,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
