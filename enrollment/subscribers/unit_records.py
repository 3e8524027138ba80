"""Reading units: one, or a page of those that match."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from enrollment.authenticators.records import current_serial_numbers
from enrollment.events import Contact
from enrollment.models import Subscriber, Unit
from enrollment.pages import Page, next_key, page_size
from enrollment.slips.issued_slip import rfc3339
from enrollment.slips.records import SlipView, latest_slips
from enrollment.subscribers.finding import has_in_its_name
from enrollment.subscribers.usernames import normalise_username
from foundation.errors import NotFound
from policies.principal import Standing, UnitClass


@dataclass(frozen=True)
class UnitView:
    """A unit as officers see it; `serial_number` is of the current certificate."""

    username: str
    name: str
    credit_code: str
    district: str
    unit_class: UnitClass
    standing: Standing
    insurance: tuple[str, ...]
    contact: Contact
    created_at: datetime
    serial_number: str | None
    slip: SlipView | None

    def as_document(self) -> dict[str, object]:
        """Return the unit for JSON."""
        return {
            "username": self.username,
            "name": self.name,
            "credit_code": self.credit_code,
            "district": self.district,
            "unit_class": self.unit_class,
            "standing": self.standing,
            "insurance": list(self.insurance),
            "contact": asdict(self.contact),
            "created_at": rfc3339(self.created_at),
            "serial_number": self.serial_number,
            "slip": self.slip.as_document() if self.slip else None,
        }


def find_units(
    session: Session,
    query: str,
    *,
    district: str | None,
    after: str | None,
    limit: int,
    now: datetime,
) -> Page[UnitView]:
    """Return a page of units in the order of their usernames, from behind `after`."""
    limit = page_size(limit)
    statement = _all_units().order_by(Subscriber.username).limit(limit + 1)
    if text := query.strip():
        in_code = Unit.credit_code.contains(text.upper(), autoescape=True)
        statement = statement.where(has_in_its_name(text, further=in_code))
    if district is not None:
        statement = statement.where(Unit.district == district)
    if after is not None:
        statement = statement.where(Subscriber.username > after)
    rows = session.execute(statement).all()
    views = _views(session, rows[:limit], now)
    return Page(views, next_key([subscriber.username for subscriber, _ in rows], limit))


def get_unit(session: Session, username: str, *, now: datetime) -> UnitView:
    """Return one unit; raises `NotFound` ("unit-not-found")."""
    statement = _all_units().where(Subscriber.username == normalise_username(username))
    row = session.execute(statement).one_or_none()
    if row is None:
        raise NotFound("unit-not-found")
    return _views(session, [row], now)[0]


def _all_units() -> Select[Subscriber, Unit]:
    return (
        select(Subscriber, Unit)
        .join(Unit, Unit.subscriber_id == Subscriber.id)
        .execution_options(populate_existing=True)
    )


def _views(
    session: Session, rows: Sequence[tuple[Subscriber, Unit]], now: datetime
) -> tuple[UnitView, ...]:
    ids = [subscriber.id for subscriber, _ in rows]
    slips = latest_slips(session, ids, now)
    serial_numbers = current_serial_numbers(session, ids)
    return tuple(
        UnitView(
            username=subscriber.username,
            name=subscriber.display_name,
            credit_code=unit.credit_code,
            district=unit.district,
            unit_class=cast(UnitClass, unit.unit_class),
            standing=cast(Standing, subscriber.standing),
            insurance=tuple(unit.insurance),
            contact=Contact(
                unit.contact_name, unit.contact_phone, unit.contact_email, unit.contact_address
            ),
            created_at=subscriber.created_at,
            serial_number=serial_numbers.get(subscriber.id),
            slip=slips.get(subscriber.id),
        )
        for subscriber, unit in rows
    )
