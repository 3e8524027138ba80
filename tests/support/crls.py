"""Reading CRLs in tests as a relying party does, by the library alone."""

from cryptography import x509
from sqlalchemy.orm import Session

from ca.crl import find_crl, read_der
from ca.crl.scopes import DELTA, FULL, Scope
from ca.models import AuthorityName

# Serial number, and what is said of it: when, why, since when.
Listing = dict[int, tuple[object, ...]]

_REMOVE = x509.ReasonFlags.remove_from_crl


def newest_crl(
    session: Session, issuer: AuthorityName, scope: Scope
) -> x509.CertificateRevocationList | None:
    """Return the newest CRL of a scope."""
    record = find_crl(session, issuer, scope)
    return x509.load_der_x509_crl(read_der(session, record)) if record is not None else None


def listing(crl: x509.CertificateRevocationList) -> Listing:
    """Return everything that a CRL says, by serial number; each may be there once."""
    found: Listing = {}
    for entry in crl:
        assert entry.serial_number not in found
        found[entry.serial_number] = _said(entry)
    return found


def present_listing(session: Session, issuer: AuthorityName) -> Listing:
    """Return what full CRL and delta CRL say together (RFC 5280 section 5.2.4)."""
    full = newest_crl(session, issuer, FULL)
    assert full is not None
    combined = listing(full)
    delta = newest_crl(session, issuer, DELTA)
    if delta is None:
        return combined
    indicator = delta.extensions.get_extension_for_class(x509.DeltaCRLIndicator)
    assert indicator.critical
    # Conditions (c) and (d): not older than the base, and made after it.
    assert indicator.value.crl_number <= number_of(full) <= number_of(delta)
    for entry in delta:
        said = _said(entry)
        if said[1] is _REMOVE:
            combined.pop(entry.serial_number, None)
        else:
            combined[entry.serial_number] = said
    return combined


def number_of(crl: x509.CertificateRevocationList) -> int:
    """Return a CRL's number."""
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def _said(entry: x509.RevokedCertificate) -> tuple[object, ...]:
    reason: x509.ReasonFlags | None = None
    since: object = None
    for extension in entry.extensions:
        assert not extension.critical
        match extension.value:
            case x509.CRLReason() as given:
                reason = given.reason
            case x509.InvalidityDate() as date:
                since = date.invalidity_date_utc
            case _:
                raise AssertionError("an unknown entry extension")
    return entry.revocation_date_utc, reason, since
