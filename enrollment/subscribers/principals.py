"""The principal of a request, read anew each time: a change bites on the next request."""

from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from enrollment.models import Officer, OfficerRole, Subscriber, Unit
from enrollment.subscribers.finding import get_subscriber
from foundation.errors import Denied
from policies.principal import Kind, Principal, UnitClass


class Principals:
    """Turns a username that has logged in into a `Principal`."""

    def principal_for(self, session: Session, username: str) -> Principal:
        """Return the subscriber with class, roles and district as they are now.

        Raises `Denied` ("account-suspended") and `NotFound`
        ("subscriber-not-found"). Does not check that anybody logged in.
        """
        subscriber = get_subscriber(session, username)
        if subscriber.standing != "active":
            raise Denied("account-suspended")
        if subscriber.kind == "unit":
            return _unit(session, subscriber)
        if subscriber.kind == "officer":
            return _officer(session, subscriber)
        return _plain(subscriber)


def _plain(subscriber: Subscriber) -> Principal:
    return Principal(
        username=subscriber.username,
        display_name=subscriber.display_name,
        kind=cast(Kind, subscriber.kind),
    )


def _unit(session: Session, subscriber: Subscriber) -> Principal:
    statement = select(Unit).where(Unit.subscriber_id == subscriber.id)
    unit = session.scalars(statement.execution_options(populate_existing=True)).one()
    return Principal(
        username=subscriber.username,
        display_name=subscriber.display_name,
        kind="unit",
        unit_class=cast(UnitClass, unit.unit_class),
        district=unit.district,
        credit_code=unit.credit_code,
    )


def _officer(session: Session, subscriber: Subscriber) -> Principal:
    district = session.scalars(
        select(Officer.district).where(Officer.subscriber_id == subscriber.id)
    ).one()
    roles = session.scalars(
        select(OfficerRole.role).where(OfficerRole.subscriber_id == subscriber.id)
    )
    return Principal(
        username=subscriber.username,
        display_name=subscriber.display_name,
        kind="officer",
        roles=frozenset(roles),
        district=district,
    )
