"""Finding credentials by what an officer has in hand: a name, a number, a fingerprint."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy.orm import Session

from ca.errors import CertificateNotFound
from ca.inventory import EVERYTHING, CertificateDetail, CertificateFilter, CertificateSummary
from ca.inventory.certificate_filter import SHORTEST_PREFIX, read_hex
from ca.inventory.conditions import Further
from ca.inventory.inventory import Inventory
from ca.serial_numbers import read_serial_number
from foundation.database import Database
from gateway.credentials.owners import belongs_to, is_of, owners_of

LIMIT = 50

Way = Literal["all", "key", "fingerprint", "serial", "serial_prefix", "subscriber"]
"""What a text was taken for."""

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
    """A page of credentials; `next` is what to pass as `after`, or None at the end.

    A page that has a next one may be short (`ca.inventory.InventoryPage`).
    """

    items: tuple[Credential, ...]
    next: str | None
    way: Way = "all"


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


@dataclass(frozen=True)
class Understood:
    """What is looked for in the terms of the inventory, and what the text was taken for."""

    way: Way
    conditions: CertificateFilter
    further: Further


class CredentialSearch:
    """Joins the inventory of certificates with the names of subscribers."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory

    def find(
        self, session: Session, wanted: Wanted, after: str | None = None, limit: int = LIMIT
    ) -> Found:
        """Return a page of the credentials that fit.

        Raises `Invalid` for conditions nobody can meet and an `after` it did
        not give out.
        """
        understood = self.understood(session, wanted)
        page = self._inventory.find(
            session,
            understood.conditions,
            further=understood.further,
            after=after,
            limit=limit,
        )
        return Found(self._named(session, page.items), page.next, understood.way)

    def walk(self, database: Database, wanted: Wanted) -> Iterator[tuple[Credential, ...]]:
        """Yield all that fit in batches; see `Inventory.walk`."""
        with database.reading() as session:
            understood = self.understood(session, wanted)
        batches = self._inventory.walk(database, understood.conditions, further=understood.further)
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

    def understood(self, session: Session, wanted: Wanted) -> Understood:
        """Return what is looked for, with the text as what it can be.

        Digits are a number that some certificate has, when one has; else a
        part of a name, or the beginning of a username or credit code.
        """
        way, conditions = self._taken(session, wanted.text.strip(), wanted.conditions)
        further = belongs_to(session, district=wanted.district, unit_class=wanted.unit_class)
        if way == "subscriber":
            further += is_of(session, wanted.text, district=wanted.district)
        return Understood(way, conditions, further)

    def _taken(
        self, session: Session, text: str, conditions: CertificateFilter
    ) -> tuple[Way, CertificateFilter]:
        if not text:
            return "all", conditions
        digits = read_hex(text)
        if _DIGEST.fullmatch(digits):
            by_key = replace(conditions, spki_sha256=digits)
            if self._inventory.find(session, by_key, limit=1).items:
                return "key", by_key
            return "fingerprint", replace(conditions, fingerprint_sha256=digits)
        number = digits.lstrip("0")
        if _SERIAL.fullmatch(number):
            exact = CertificateFilter(serial_number=number)
            if self._inventory.find(session, exact, limit=1).items:
                return "serial", replace(conditions, serial_number=number)
            start = CertificateFilter(serial_prefix=number)
            is_start = len(number) >= SHORTEST_PREFIX
            if is_start and self._inventory.find(session, start, limit=1).items:
                return "serial_prefix", replace(conditions, serial_prefix=number)
        return "subscriber", conditions

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
