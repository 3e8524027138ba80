"""A certificate as text for a terminal, in the words of the detail page."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from ca.inventory import CertificateDetail
from foundation.i18n import Translator
from gateway.consoles.certificate_history import Event
from gateway.credentials import Credential


def lines_of(
    credential: Credential,
    detail: CertificateDetail,
    history: Sequence[Event],
    t: Translator,
    zone: tzinfo,
) -> Iterator[str]:
    """Yield the lines: who, until when, the key, what stands in it, what became of it."""
    row = detail.summary
    facts: tuple[tuple[str, object], ...] = (
        ("security.subscriber", credential.display_name),
        ("field.username", row.subscriber),
        ("field.serial_number", row.serial_number),
        ("security.state", t(f"certificate.state.{row.state}")),
        ("security.profile", t(f"certificate.profile.{row.profile}")),
        ("security.subject", row.subject),
        ("security.issuer", ", ".join(f"{part.name}={part.value}" for part in detail.issuer)),
        ("security.not_before", _local(row.not_before, zone)),
        ("security.not_after", _local(row.not_after, zone)),
        ("security.key", row.key_type),
        ("security.signature", detail.signature_algorithm),
        ("security.fingerprint", row.fingerprint_sha256),
        ("security.spki", row.spki_sha256),
        ("security.crl_urls", " ".join(detail.addresses.crl)),
        ("security.ocsp_urls", " ".join(detail.addresses.ocsp)),
        ("security.revoked_at", _local(row.revoked_at, zone)),
        ("field.reason", row.reason),
        ("field.invalidity_date", _local(row.invalidity_date, zone)),
    )
    yield from (f"{t(key)}: {value}" for key, value in facts if value)
    for extension in detail.extensions:
        critical = t("security.critical") if extension.critical else t("security.not_critical")
        name = t.first(f"extension.{extension.name}", "extension.other")
        yield f"{name} ({extension.name}, {critical}): {extension.value}"
    for event in history:
        action = t.first(f"audit.action.{event.action}", "audit.action.other")
        yield f"{_local(event.at, zone)}  {action}  {event.actor}"
    if detail.pem:
        yield detail.pem.rstrip()


def _local(moment: datetime | None, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S %z}" if moment else ""
