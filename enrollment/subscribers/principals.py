"""The principal of a request, read anew each time: a change bites on the next request."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from enrollment.models import Officer, OfficerRole, Subscriber, Unit
from enrollment.subscribers.usernames import normalise_username
from foundation.errors import Denied, NotFound
from policies.principal import Kind, Principal, UnitClass

# Every request asks this, so it is one statement, built once, of columns alone.
_BY_USERNAME = (
    select(
        Subscriber.id,
        Subscriber.username,
        Subscriber.display_name,
        Subscriber.kind,
        Subscriber.standing,
        Unit.unit_class,
        Unit.credit_code,
        Unit.district.label("unit_district"),
        Officer.district.label("officer_district"),
    )
    .outerjoin(Unit, Unit.subscriber_id == Subscriber.id)
    .outerjoin(Officer, Officer.subscriber_id == Subscriber.id)
    .where(Subscriber.username == bindparam("username"))
)
_ROLES = select(OfficerRole.role).where(OfficerRole.subscriber_id == bindparam("subscriber_id"))


class Principals:
    """Turns a username that has logged in into a `Principal`."""

    def principal_for(self, session: Session, username: str) -> Principal:
        """Return the subscriber with class, roles and district as they are now.

        Raises `Denied` ("account-suspended") and `NotFound`
        ("subscriber-not-found"). Does not check that anybody logged in.
        """
        asked = {"username": normalise_username(username)}
        row = session.execute(_BY_USERNAME, asked).one_or_none()
        if row is None:
            raise NotFound("subscriber-not-found")
        if row.standing != "active":
            raise Denied("account-suspended")
        if row.kind == "unit":
            return _unit(row)
        if row.kind == "officer":
            return _officer(row, session.scalars(_ROLES, {"subscriber_id": row.id}).all())
        return _plain(row)


def _plain(row: Row[*tuple[Any, ...]]) -> Principal:
    return Principal(
        username=row.username, display_name=row.display_name, kind=cast(Kind, row.kind)
    )


def _unit(row: Row[*tuple[Any, ...]]) -> Principal:
    assert row.credit_code is not None, "every unit is registered with one"
    return Principal(
        username=row.username,
        display_name=row.display_name,
        kind="unit",
        unit_class=cast(UnitClass, row.unit_class),
        district=row.unit_district,
        credit_code=row.credit_code,
    )


def _officer(row: Row[*tuple[Any, ...]], roles: Sequence[str]) -> Principal:
    return Principal(
        username=row.username,
        display_name=row.display_name,
        kind="officer",
        # Roles hang on the officer's row, so nobody has any without it.
        roles=frozenset(roles),
        district=row.officer_district,
    )
