"""Finding credentials by what an officer has in hand: a name, a username, a serial number."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from ca.errors import CertificateNotFound
from ca.inventory import CertificateSummary, Inventory
from ca.serial_numbers import read_serial_number
from enrollment.services import EnrollmentServices
from foundation.errors import NotFound

LIMIT = 50


@dataclass(frozen=True)
class Credential:
    """A certificate with the name of whom it was issued to."""

    certificate: CertificateSummary
    display_name: str
    district: str | None


@dataclass(frozen=True)
class Found:
    """A page of credentials; `next` is what to pass as `after`, or None at the end."""

    items: tuple[Credential, ...]
    next: str | None


class CredentialSearch:
    """Joins the inventory of certificates with the names of subscribers."""

    def __init__(self, inventory: Inventory, enrollment: EnrollmentServices) -> None:
        self._inventory = inventory
        self._enrollment = enrollment

    def find(self, session: Session, query: str, after: str | None = None) -> Found:
        """Return credentials whose serial number is, or whose subscriber's name contains, `query`.

        Newest first, of the first `LIMIT` subscribers that fit; everything when
        `query` is empty. Raises `Invalid` for an `after` it did not give out.
        """
        query = query.strip()
        exact = self._by_serial_number(session, query)
        if exact is not None:
            return Found((exact,), next=None)
        subscribers = self._subscribers(session, query) if query else None
        if subscribers is not None and not subscribers:
            return Found((), next=None)
        page = self._inventory.find(session, subscribers=subscribers, after=after, limit=LIMIT)
        items = tuple(self._named(session, certificate) for certificate in page.items)
        return Found(items, page.next)

    def get(self, session: Session, unverified_serial_number: str) -> Credential:
        """Return one credential; raises `NotFound`."""
        serial_number = read_serial_number(unverified_serial_number)
        page = self._inventory.find(session, serial_number=serial_number)
        if not page.items:
            raise CertificateNotFound(serial_number)
        return self._named(session, page.items[0])

    def _by_serial_number(self, session: Session, query: str) -> Credential | None:
        try:
            return self.get(session, query)
        except NotFound:
            return None

    def _subscribers(self, session: Session, query: str) -> list[str]:
        units = self._enrollment.units.find(session, query, limit=LIMIT)
        officers = self._enrollment.officers.find(session, query, limit=LIMIT)
        return [
            *(unit.username for unit in units.items),
            *(each.username for each in officers.items),
        ]

    def _named(self, session: Session, certificate: CertificateSummary) -> Credential:
        owner = self._enrollment.authenticators.certificate_owner(
            session, certificate.serial_number
        )
        if owner is None:
            return Credential(certificate, certificate.subject or certificate.serial_number, None)
        district = None
        if owner.kind == "unit":
            district = self._enrollment.units.get(session, owner.username).district
        return Credential(certificate, owner.display_name, district)
