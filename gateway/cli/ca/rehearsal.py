"""What a ceremony would make, shown before it is made."""

from collections.abc import Iterator

import typer
from cryptography import x509

from ca.ceremony import SignedRecord
from ca.ceremony.session import describe_certificate
from ca.inventory.extension_text import name_of, text_of
from foundation.i18n import Translator
from gateway.cli.output import print_document


def print_rehearsal(t: Translator, rehearsed: SignedRecord, transcript: str, as_json: bool) -> None:
    """Print certificates and transcript of a rehearsal; its keys are forgotten by now."""
    certificates = list(_certificates(rehearsed))
    if as_json:
        print_document({"rehearsal": True, "certificates": certificates})
        return
    typer.echo(t("cli.ca.rehearsal"))
    for certificate in certificates:
        typer.echo("")
        for name, value in certificate.items():
            typer.echo(f"{name}: {value}")
    typer.echo("")
    typer.echo(transcript)


def _certificates(rehearsed: SignedRecord) -> Iterator[dict[str, str | int]]:
    record = rehearsed.record
    for pem in (record.root_certificate, *(each.certificate for each in record.issuing)):
        certificate = x509.load_pem_x509_certificate(pem.encode())
        yield {
            **describe_certificate(certificate),
            "signature_algorithm": certificate.signature_algorithm_oid._name,
            **{
                name_of(extension): ("critical, " if extension.critical else "")
                + text_of(extension.value)
                for extension in certificate.extensions
            },
        }
