"""Reading units: one, or a page of those that match."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from enrollment.events import Contact
from enrollment.models import Subscriber, Unit
from enrollment.pages import Page, page_size
from enrollment.subscribers.records import Common, Records, Rows, SubscriberView
from enrollment.subscribers.search import Sought, find_page
from policies.principal import UnitClass


@dataclass(frozen=True, kw_only=True)
class UnitView(SubscriberView):
    """A unit as officers see it."""

    name: str
    credit_code: str
    district: str
    unit_class: UnitClass
    insurance: tuple[str, ...]
    contact: Contact

    def as_document(self) -> dict[str, object]:
        """Return the unit for JSON."""
        return {
            **super().as_document(),
            "name": self.name,
            "credit_code": self.credit_code,
            "district": self.district,
            "unit_class": self.unit_class,
            "insurance": list(self.insurance),
            "contact": asdict(self.contact),
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
    """Return a page of units that `query` finds, in the order of `enrollment.subscribers.search`.

    Raises `Invalid` ("page-unknown") for an `after` that never was a `next`.
    """
    sought = Sought(query, units_only=True, district=district)
    page = find_page(session, sought, after=after, limit=page_size(limit))
    return Page(_UNITS.named(session, page.items, now), page.next)


def get_unit(session: Session, username: str, *, now: datetime) -> UnitView:
    """Return one unit; raises `NotFound` ("unit-not-found")."""
    return _UNITS.get(session, username, now)


def _views(_: Session, rows: Rows[Unit], common: Common) -> tuple[UnitView, ...]:
    return tuple(
        UnitView(
            **common.fields(subscriber),
            name=subscriber.display_name,
            credit_code=unit.credit_code,
            district=unit.district,
            unit_class=cast(UnitClass, unit.unit_class),
            insurance=tuple(unit.insurance),
            contact=Contact(
                unit.contact_name, unit.contact_phone, unit.contact_email, unit.contact_address
            ),
        )
        for subscriber, unit in rows
    )


_UNITS: Records[Unit, UnitView] = Records(
    select(Subscriber, Unit).join(Unit, Unit.subscriber_id == Subscriber.id),
    _views,
    "unit-not-found",
)
