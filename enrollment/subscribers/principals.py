"""The principal of a request, read anew each time: a change bites on the next request."""

from dataclasses import dataclass
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from enrollment.models import Officer, OfficerRole, PasswordAuthenticator, Subscriber, Unit
from enrollment.subscribers.usernames import normalise_username
from foundation.errors import Denied, NotFound
from policies.principal import Kind, Principal, UnitClass

_BETWEEN_ROLES: Final = " "
# Every request asks this, so it is one statement, built once, of columns alone.
_COLUMNS: Final = (
    Subscriber.username.label("subscriber_username"),
    Subscriber.display_name,
    Subscriber.kind,
    Subscriber.standing,
    Unit.unit_class,
    Unit.credit_code,
    Unit.district.label("unit_district"),
    Officer.district.label("officer_district"),
    select(func.aggregate_strings(OfficerRole.role, _BETWEEN_ROLES))
    # Roles hang on the officer's row, so nobody has any without it.
    .where(OfficerRole.subscriber_id == Officer.subscriber_id)
    .scalar_subquery()
    .label("roles"),
    PasswordAuthenticator.must_change,
)


@dataclass(frozen=True)
class PresentSubscriber:
    """A subscriber in good standing; without any password one has to be changed, too."""

    principal: Principal
    must_change_password: bool


def with_subscriber(
    question: Select[Any], username: ColumnElement[str] | InstrumentedAttribute[str]
) -> Select[Any]:
    """Return `question`, whose answer also tells of the subscriber with this `username`.

    A row stays one row, and stays when there is no such subscriber.
    """
    named = question.add_columns(*_COLUMNS).outerjoin(Subscriber, Subscriber.username == username)
    return _with_the_rest(named)


def subscriber_in(row: Row[Any]) -> PresentSubscriber:
    """Return the subscriber in the answer, with class, roles and district.

    Raises `Denied` ("account-suspended") and `NotFound` ("subscriber-not-found").
    Does not check that anybody logged in.
    """
    if row.subscriber_username is None:
        raise NotFound("subscriber-not-found")
    if row.standing != "active":
        raise Denied("account-suspended")
    return PresentSubscriber(_principal(row), row.must_change is not False)


class Principals:
    """Turns a username that has logged in into a `Principal`."""

    def principal_for(self, session: Session, username: str) -> Principal:
        """Return the subscriber as it is now; raises as `subscriber_in`."""
        asked = {"username": normalise_username(username)}
        row = session.execute(_BY_USERNAME, asked).one_or_none()
        if row is None:
            raise NotFound("subscriber-not-found")
        return subscriber_in(row).principal


def _with_the_rest(question: Select[Any]) -> Select[Any]:
    return (
        question.outerjoin(Unit, Unit.subscriber_id == Subscriber.id)
        .outerjoin(Officer, Officer.subscriber_id == Subscriber.id)
        # The table keeps one that has not ended at most.
        .outerjoin(
            PasswordAuthenticator,
            (PasswordAuthenticator.subscriber_id == Subscriber.id)
            & PasswordAuthenticator.ended_at.is_(None),
        )
    )


_BY_USERNAME: Final = _with_the_rest(select(*_COLUMNS).select_from(Subscriber)).where(
    Subscriber.username == bindparam("username")
)


def _principal(row: Row[Any]) -> Principal:
    kind = cast(Kind, row.kind)
    if kind == "unit":
        assert row.credit_code is not None, "every unit is registered with one"
        return Principal(
            username=row.subscriber_username,
            display_name=row.display_name,
            kind=kind,
            unit_class=cast(UnitClass, row.unit_class),
            district=row.unit_district,
            credit_code=row.credit_code,
        )
    if kind == "officer":
        return Principal(
            username=row.subscriber_username,
            display_name=row.display_name,
            kind=kind,
            roles=frozenset((row.roles or "").split(_BETWEEN_ROLES)) - {""},
            district=row.officer_district,
        )
    return Principal(row.subscriber_username, row.display_name, kind)
