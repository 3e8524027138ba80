"""Enrolling units at the counter and finding them again (ENR-01, ENR-08 to ENR-11)."""

from sqlalchemy.orm import Session

from enrollment.events import Contact, Subscriptions, UnitRegistered, publish
from enrollment.models import Subscriber, Unit
from enrollment.pages import Page
from enrollment.slips.issuing import IssuedSlip, Slips
from enrollment.subscribers.finding import subject_of
from enrollment.subscribers.search import make_findable
from enrollment.subscribers.unit_application import (
    INSURANCE_TYPES,
    UnitApplication,
    verify_application,
)
from enrollment.subscribers.unit_records import UnitView, find_units, get_unit
from enrollment.subscribers.usernames import Usernames
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import insert_or_conflict
from foundation.errors import Conflict

__all__ = ["INSURANCE_TYPES", "Contact", "UnitApplication", "UnitView", "Units"]


class Units:
    """The agency's units."""

    def __init__(
        self,
        *,
        slips: Slips,
        usernames: Usernames,
        subscriptions: Subscriptions,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        self._slips = slips
        self._usernames = usernames
        self._subscriptions = subscriptions
        self._audit = audit
        self._clock = clock

    def register(self, session: Session, application: UnitApplication, by: Actor) -> IssuedSlip:
        """Enrol a unit as an ordinary one (ENR-11) and return its slip.

        Raises `Invalid` with everything that is wrong, and `Conflict`
        ("credit-code-taken") when the unit is enrolled already. Does not look
        at papers: they are the officer's to check (ENR-08).
        """
        verified = verify_application(application)
        now = self._clock.now()
        self._audit.lock_chain(session)
        subscriber = Subscriber(
            username=self._usernames.draw(session, now),
            kind="unit",
            display_name=verified.name,
            created_at=now,
        )
        session.add(subscriber)
        session.flush()
        unit = Unit(
            subscriber_id=subscriber.id,
            credit_code=verified.credit_code,
            district=verified.district,
            unit_class="ordinary",
            insurance=list(verified.insurance),
            contact_name=verified.contact.name,
            contact_phone=verified.contact.phone,
            contact_email=verified.contact.email,
            contact_address=verified.contact.address,
        )
        insert_or_conflict(session, unit, Conflict("credit-code-taken"))
        make_findable(session, subscriber, unit.credit_code)
        self._audit.record(
            session,
            "unit.registered",
            by=by,
            subject=subject_of(subscriber),
            credit_code=verified.credit_code,
            district=verified.district,
            insurance=list(verified.insurance),
        )
        slip = self._slips.issue(session, subscriber, by)
        registered = UnitRegistered(
            username=subscriber.username,
            credit_code=verified.credit_code,
            name=verified.name,
            district=verified.district,
            unit_class="ordinary",
            insurance=verified.insurance,
            contact=verified.contact,
            by=by,
        )
        publish(session, registered, self._subscriptions.unit_registered)
        return slip

    def find(
        self,
        session: Session,
        query: str = "",
        *,
        district: str | None = None,
        after: str | None = None,
        limit: int = 20,
    ) -> Page[UnitView]:
        """Return units with `query` in their name or at the beginning of a code of theirs.

        Codes are the username, the number in it, the credit code, and the
        organisation code in that. Raises `Invalid` for an `after` that never
        was a `next`.
        """
        return find_units(
            session, query, district=district, after=after, limit=limit, now=self._clock.now()
        )

    def get(self, session: Session, username: str) -> UnitView:
        """Return one unit; raises `NotFound` ("unit-not-found")."""
        return get_unit(session, username, now=self._clock.now())
