"""Doubles of the enrollment services, for tests that look at pages and JSON alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from enrollment.pages import Page
from enrollment.pickup.picked_up import OpenedPickup
from enrollment.slips.issued_slip import IssuedSlip
from enrollment.slips.records import SlipView
from enrollment.subscribers.units import INSURANCE_TYPES, Contact, UnitApplication, UnitView
from foundation.errors import Conflict, Denied, Invalid, NotFound, Throttled
from tests.support.clock import NEW_YEAR, FakeClock

SERIAL = "7A3F09C1D2E4B5968877"
FINGERPRINT = "A1B2C3D4E5F60718" * 4
PASSWORD = "H4KW-9XRT-3MPC-7DFY"
INITIAL_PASSWORD = "K7MP-3XWD-9RTQ"
TICKET = "ticket-of-wh000001"
CREDIT_CODE = "91420100MA4KX1234B"


def a_slip(kind: Literal["unit", "person", "officer"] = "unit") -> IssuedSlip:
    """Return a slip as the domain hands it out."""
    return IssuedSlip(
        username="wh000001",
        initial_password=INITIAL_PASSWORD,
        serial_number=SERIAL,
        download_password=PASSWORD,
        pickup_url=f"https://localhost:8443/pickup?serial_number={SERIAL}",
        root_fingerprint_sha256=FINGERPRINT,
        expires_at=NEW_YEAR + timedelta(days=30),
        issued_at=NEW_YEAR,
        display_name="武汉喆堃机械有限公司",
        kind=kind,
    )


def a_unit(
    *,
    username: str = "wh000001",
    district: str = "wuchang",
    unit_class: Literal["vip", "ordinary"] = "ordinary",
    standing: Literal["active", "suspended"] = "active",
) -> UnitView:
    """Return a unit as the counter sees it."""
    slip = SlipView(SERIAL, NEW_YEAR, NEW_YEAR + timedelta(days=30), "waiting", 0, None)
    return UnitView(
        username=username,
        name="武汉喆堃机械有限公司",
        credit_code=CREDIT_CODE,
        district=district,
        unit_class=unit_class,
        standing=standing,
        insurance=INSURANCE_TYPES,
        contact=Contact(name="李丽"),
        created_at=NEW_YEAR,
        serial_number=SERIAL,
        slip=slip,
    )


class NoDatabase:
    """Gives sessions that nobody may use, and counts what would have been committed."""

    def __init__(self) -> None:
        self.committed = 0

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Yield no session."""
        yield None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Yield no session; leaving without an exception counts as a commit."""
        yield None
        self.committed += 1


@dataclass
class PickupDouble:
    """Knows one pair. The serial number ``LOCKED`` is locked."""

    clock: FakeClock
    redeemed: list[str] = field(default_factory=list)

    def open(self, serial: str, password: str, by: object) -> OpenedPickup:
        """Return the ticket for the right pair."""
        if serial == "LOCKED":
            raise Throttled("pickup-throttled", retry_after=timedelta(minutes=15))
        if (serial, password) != (SERIAL, PASSWORD):
            raise Denied("pickup-refused")
        now = self.clock.now()
        return OpenedPickup(
            ticket=TICKET,
            serial_number=SERIAL,
            username="wh000001",
            display_name="武汉喆堃机械有限公司",
            ticket_expires_at=now + timedelta(minutes=10),
            slip_expires_at=now + timedelta(days=30),
        )

    def for_ticket(self, ticket: str) -> OpenedPickup | None:
        """Return what the ticket stands for."""
        return self.open(SERIAL, PASSWORD, None) if ticket == TICKET else None

    def redeem_ticket(self, ticket: str, form: str, by: object) -> "PickedUpDouble":
        """Return the PKCS#12 for the ticket."""
        if ticket != TICKET:
            raise Denied("pickup-ticket-ended")
        self.redeemed.append(form)
        return PickedUpDouble()

    def redeem(self, serial: str, password: str, form: str, by: object) -> "PickedUpDouble":
        """Return the PKCS#12 for the pair."""
        self.open(serial, password, by)
        self.redeemed.append(form)
        return PickedUpDouble()

    def redeem_ticket_csr(self, ticket: str, csr: bytes, by: object) -> "PickedUpPemDouble":
        """Return the certificate for the ticket; b"used" was collected as a file already."""
        if ticket != TICKET:
            raise Denied("pickup-ticket-ended")
        if csr == b"used":
            raise Conflict("pickup-server-key")
        if not csr.startswith(b"-----BEGIN"):
            raise Invalid("csr-malformed")
        self.redeemed.append("own-key")
        return PickedUpPemDouble()


@dataclass
class PickedUpPemDouble:
    """A file that is no chain."""

    file_name: str = "certgate-wh000001.pem"

    def pem_chain(self) -> bytes:
        """Return the file."""
        return b"pem"


@dataclass
class PickedUpDouble:
    """A file that is no certificate."""

    pkcs12: bytes = b"pkcs12"
    file_name: str = "certgate-wh000001.p12"


@dataclass
class UnitsDouble:
    """Holds units and notes who was registered and what was asked for."""

    units: list[UnitView] = field(default_factory=lambda: [a_unit()])
    registered: list[UnitApplication] = field(default_factory=list)
    asked_district: str | None = None
    next: str | None = None

    def register(self, session: object, application: UnitApplication, by: object) -> IssuedSlip:
        """Note the application; the credit code of `a_unit` is taken."""
        if application.credit_code == CREDIT_CODE:
            raise Conflict("credit-code-taken")
        self.registered.append(application)
        return a_slip()

    def find(self, session: object, query: str, **filters: object) -> Page[UnitView]:
        """Return the units whose name holds `query`."""
        district = filters["district"]
        self.asked_district = district if isinstance(district, str) else None
        return Page(tuple(unit for unit in self.units if query in unit.name), self.next)

    def get(self, session: object, username: str) -> UnitView:
        """Return the unit or raise."""
        for unit in self.units:
            if unit.username == username:
                return unit
        raise NotFound("unit-not-found")


@dataclass
class ActsDouble:
    """Notes the acts on units; stands for reissue and standing."""

    done: list[tuple[str, ...]] = field(default_factory=list)

    def reissue(self, session: object, username: str, reason: str, by: object) -> IssuedSlip:
        """Note it and return a new slip."""
        self.done.append(("reissue", username, reason))
        return a_slip()

    def promote(self, session: object, username: str, by: object) -> None:
        """Note it."""
        self.done.append(("promote", username))

    def demote(self, session: object, username: str, by: object) -> None:
        """Note it."""
        self.done.append(("demote", username))

    def suspend(self, session: object, username: str, by: object, note: str = "") -> None:
        """Note it."""
        self.done.append(("suspend", username, note))

    def resume(self, session: object, username: str, by: object) -> None:
        """Note it."""
        self.done.append(("resume", username))
