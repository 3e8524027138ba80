"""Finding credentials by what an officer has in hand: a name, a number, a fingerprint."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from ca.errors import CertificateNotFound
from ca.inventory import EVERYTHING, CertificateDetail, CertificateFilter, CertificateSummary
from ca.inventory.certificate_filter import SHORTEST_PREFIX, read_hex
from ca.inventory.inventory import Inventory
from ca.serial_numbers import read_serial_number
from enrollment.services import EnrollmentServices
from foundation.database import Database
from gateway.consoles.credential_owners import belongs_to, owners_of

LIMIT = 50
_DIGEST = re.compile(r"[0-9A-F]{64}")
_SERIAL = re.compile(r"[0-9A-F]{1,40}")


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


@dataclass(frozen=True)
class Wanted:
    """What is looked for: free text, conditions, and where.

    The text is a part of a name or username, a serial number or its beginning,
    or the SHA-256 of a certificate or of its key.
    """

    text: str = ""
    conditions: CertificateFilter = EVERYTHING
    district: str | None = None
    unit_class: str | None = None

    @property
    def is_unbounded(self) -> bool:
        """Whether it fits every certificate."""
        return not self.text and self.conditions.is_empty and not (self.district or self.unit_class)

    def as_document(self) -> dict[str, str]:
        """Return what is given, as text: for the audit log."""
        further = {"q": self.text, "district": self.district, "unit_class": self.unit_class}
        return {
            **{name: value for name, value in further.items() if value},
            **self.conditions.as_document(),
        }


class CredentialSearch:
    """Joins the inventory of certificates with the names of subscribers."""

    def __init__(self, inventory: Inventory, enrollment: EnrollmentServices) -> None:
        self._inventory = inventory
        self._enrollment = enrollment

    def find(
        self, session: Session, wanted: Wanted, after: str | None = None, limit: int = LIMIT
    ) -> Found:
        """Return a page of the credentials that fit.

        A name is looked for among the first `LIMIT` subscribers that have it.
        Raises `Invalid` for conditions nobody can meet and an `after` it did
        not give out.
        """
        page = self._inventory.find(
            session,
            self.understood(session, wanted),
            further=belongs_to(session, district=wanted.district, unit_class=wanted.unit_class),
            after=after,
            limit=limit,
        )
        return Found(self._named(session, page.items), page.next)

    def walk(self, database: Database, wanted: Wanted) -> Iterator[tuple[Credential, ...]]:
        """Yield all that fit in batches; see `Inventory.walk`."""
        with database.reading() as session:
            conditions = self.understood(session, wanted)
            further = belongs_to(session, district=wanted.district, unit_class=wanted.unit_class)
        batches = self._inventory.walk(database, conditions, further=further)
        return self._named_batches(database, batches)

    def get(self, session: Session, unverified_serial_number: str) -> Credential:
        """Return one credential; raises `NotFound`."""
        serial_number = read_serial_number(unverified_serial_number)
        page = self._inventory.find(session, CertificateFilter(serial_number=serial_number))
        if not page.items:
            raise CertificateNotFound(serial_number)
        return self._named(session, page.items)[0]

    def detail(self, session: Session, serial_number: str) -> CertificateDetail:
        """Return the decoded content of a certificate; raises `CertificateNotFound`."""
        return self._inventory.get(session, serial_number)

    def understood(self, session: Session, wanted: Wanted) -> CertificateFilter:
        """Return the conditions with the free text made one of them."""
        text, conditions = wanted.text.strip(), wanted.conditions
        if not text:
            return conditions
        digits = read_hex(text)
        if _DIGEST.fullmatch(digits):
            by_key = replace(conditions, spki_sha256=digits)
            is_key = self._inventory.find(session, by_key, limit=1).items
            return by_key if is_key else replace(conditions, fingerprint_sha256=digits)
        number = digits.lstrip("0")
        if _SERIAL.fullmatch(number):
            exact = CertificateFilter(serial_number=number)
            if self._inventory.find(session, exact, limit=1).items:
                return replace(conditions, serial_number=number)
            start = CertificateFilter(serial_prefix=number)
            is_start = len(number) >= SHORTEST_PREFIX
            if is_start and self._inventory.find(session, start, limit=1).items:
                return replace(conditions, serial_prefix=number)
        return replace(conditions, subscribers=self._subscribers(session, text, wanted.district))

    def _subscribers(self, session: Session, text: str, district: str | None) -> tuple[str, ...]:
        units = self._enrollment.units.find(session, text, district=district, limit=LIMIT)
        usernames = [unit.username for unit in units.items]
        if district is None:
            officers = self._enrollment.officers.find(session, text, limit=LIMIT)
            usernames += [officer.username for officer in officers.items]
        return tuple(usernames)

    def _named_batches(
        self, database: Database, batches: Iterable[tuple[CertificateSummary, ...]]
    ) -> Iterator[tuple[Credential, ...]]:
        for batch in batches:
            with database.reading() as session:
                named = self._named(session, batch)
            yield named

    def _named(
        self, session: Session, certificates: tuple[CertificateSummary, ...]
    ) -> tuple[Credential, ...]:
        owners = owners_of(session, (each.subscriber for each in certificates))
        return tuple(
            Credential(each, owner.display_name, owner.district)
            if (owner := owners.get(each.subscriber or ""))
            else Credential(each, each.subject or each.serial_number, None)
            for each in certificates
        )
